import Directory
import Values
import Web

/// People in the search over everything, and as suggestions for fields that name a person.
struct PeopleSearch {
    static let path = "/identity/fragments/search"
    private static let most = 8
    private static let mostSuggestions = 12

    var endpoints: [Endpoint] { [found, suggestions] }

    private var found: Endpoint {
        .fragment(Self.path, "The people whom a search finds", access: .staff) { call, transaction in
            let words = SearchPage.words(call)
            guard try call.person().holds(anyOf: [Role.admin]) else {
                // Everybody may see names. For callers who are not admins, a name links to that person's tasks.
                let people = try Directory.named(words, limit: Self.most, in: transaction)
                return .found("identity.people", people.map { Found($0.name, path: "/tasks?assignee=\($0.id)") })
            }
            let people = try PeopleQueries.list(search: words, after: nil, limit: Self.most + 1, in: transaction)
                .map(\.person)
            return .found(
                "identity.people",
                people.prefix(Self.most).map { Found($0.name, path: "/people/\($0.id)", note: $0.email) },
                more: people.count > Self.most ? "/people?q=\(PercentCoding.encode(words))" : nil)
        }
    }

    /// For the script: the options of the list behind a field that names a person.
    private var suggestions: Endpoint {
        .fragment("/people/suggestions", "People to choose from", access: .staff) { call, transaction in
            let people = try Directory.named(
                SearchPage.words(call), limit: Self.mostSuggestions, in: transaction)
            return .fragment("identity/suggestions", ["people": .list(people.map { .text($0.name) })])
        }
    }
}
