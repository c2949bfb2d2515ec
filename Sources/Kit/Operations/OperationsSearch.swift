import Values
import Web

extension Operations {
    /// The part of a search that is an id: of an event, or of what events are about.
    var searchPart: Endpoint {
        .fragment(search, "The events of an id that was searched for", access: Self.access) { call, _ in
            let id = ID(SearchPage.words(call))
            let found = id.map { [Found($0.description, path: "/operations/events?key=\($0)")] }
            return .found("operations.nav.events", found ?? [])
        }
    }
}
