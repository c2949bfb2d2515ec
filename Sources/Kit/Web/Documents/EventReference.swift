import Schemas
import Values

/// The reference page of events. For each event: its versions, fields, publisher, consumers and an example.
package enum EventReference {
    /// - Parameter consumers: for each service, the events that it takes, as `task-created.2`.
    package static func endpoint(
        _ events: [EventDescription], consumers: [(service: String, topic: String, events: Set<String>)]
    ) -> Endpoint {
        var topics: [String] = []
        for event in events where !topics.contains(event.topic) { topics.append(event.topic) }
        let groups = topics.map { topic -> Model in
            let own = events.filter { $0.topic == topic }
            return [
                "topic": .text(topic), "count": .text(String(own.count)),
                "events": .list(
                    own.map { event in
                        let takers = consumers.filter { $0.topic == topic && $0.events.contains(event.type) }
                        let newest = own.filter { $0.name == event.name }.map(\.version).max() == event.version
                        return model(of: event, takers: takers.map(\.service), newest: newest)
                    }),
            ]
        }
        return .page("/api/event-types", "The event reference", access: .anyone) { _, _ in
            .page("kit/event-types", title: "web.event-types.title", ["topics": .list(groups)])
        }
    }

    private static func model(of event: EventDescription, takers: [String], newest: Bool) -> Model {
        [
            "name": .text(event.name), "type": .text(event.type), "version": .text(String(event.version)),
            "about": .text(event.about), "key": .text(event.keyField), "newest": .flag(newest),
            "older": .flag(!newest),
            "consumers": .text(takers.isEmpty ? "—" : takers.joined(separator: ", ")),
            "rows": .list(APIReference.rows(of: .object(event.name, event.fields), prefix: "", depth: 0)),
            "example": .text(event.example.pretty),
        ]
    }
}
