import Messaging
import Schemas

/// The AsyncAPI 3 document: topics as channels, events as messages with the attributes of CloudEvents, and which
/// service sends and receives what.
enum AsyncAPI {
    /// - Parameters:
    ///   - topics: all services'. Events of ``Topic/everyService`` are in each.
    ///   - consumers: for each service, the events that it takes, such as `task-created.2`, by topic.
    static func document(
        of events: [EventDescription], in topics: [String],
        consumers: [(service: String, topic: String, events: Set<String>)], version: String
    ) -> JSONText {
        [
            "asyncapi": "3.0.0",
            "info": [
                "title": "Popug", "version": .string(version),
                "description": "What the services of a task exchange tell each other. Sums are whole cents.",
            ],
            "defaultContentType": "application/json",
            "channels": .object(topics.map { topic in .init(name: topic, value: channel(topic, events)) }),
            "operations": .object(
                topics.map { .init(name: "\($0)-publishes", value: operation("send", $0, events.of($0))) }
                    + consumers.map { consumer in
                        .init(
                            name: "\(consumer.service)-takes-\(consumer.topic)",
                            value: operation(
                                "receive", consumer.topic,
                                events.of(consumer.topic).filter { consumer.events.contains($0.type) }))
                    }),
            "components": [
                "messages": .object(events.map { .init(name: $0.type, value: message($0)) }),
                "schemas": ["cloudevent": attributes],
            ],
        ]
    }

    private static func channel(_ topic: String, _ events: [EventDescription]) -> JSONText {
        [
            "address": .string(topic),
            "description": "16 partitions; order is kept for each key.",
            "messages": .object(
                events.of(topic).map {
                    .init(name: $0.type, value: ["$ref": .string("#/components/messages/\($0.type)")])
                }),
        ]
    }

    private static func operation(_ action: String, _ topic: String, _ events: [EventDescription]) -> JSONText {
        [
            "action": .string(action), "channel": ["$ref": .string("#/channels/\(topic)")],
            "messages": .list(events.map { ["$ref": .string("#/channels/\(topic)/messages/\($0.type)")] }),
        ]
    }

    private static func message(_ event: EventDescription) -> JSONText {
        [
            "name": .string(event.type), "title": .string("\(event.name), version \(event.version)"),
            "summary": .string(event.about), "contentType": "application/json",
            "headers": ["$ref": "#/components/schemas/cloudevent"],
            "payload": [
                "schemaFormat": "application/schema+json;version=draft-2020-12",
                "schema": ["$ref": .string("./\(event.topic)/\(event.type).json")],
            ],
            "x-key": .string(event.keyField),
            "examples": [["name": "example", "payload": event.example]],
        ]
    }

    private static func text(_ about: String) -> JSONText { ["type": "string", "description": .string(about)] }

    private static let attributes: JSONText = [
        "type": "object",
        "description": "The attributes of CloudEvents 1.0, and the exchange's own.",
        "properties": [
            "specversion": ["type": "string", "const": "1.0"],
            "id": ["type": "string", "format": "uuid", "description": "The same however often it is delivered"],
            "source": text("The topic"), "type": text("Name and version, such as task-created.2"),
            "subject": ["type": "string", "format": "uuid", "description": "The key"],
            "time": ["type": "string", "format": "date-time", "description": "When it happened, UTC"],
            "trace": text("The request that set it off"),
            "partition": ["type": "integer", "minimum": 0, "maximum": 15],
            "number": ["type": "integer", "minimum": 1, "description": "In the partition, without a gap"],
            "code": text("The event's keyed code and its number's, for who has the installation's secret"),
            "personal": text("Which fields of the data are personal, and their salt; missing where none is"),
        ],
        "required": ["id", "source", "type", "subject", "time", "trace", "partition", "number"],
    ]
}

extension [EventDescription] {
    fileprivate func of(_ topic: String) -> [EventDescription] {
        filter { $0.topic == topic || $0.topic == Topic.everyService.name }
    }
}
