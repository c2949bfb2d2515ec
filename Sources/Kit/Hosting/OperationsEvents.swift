import Foundation
import Messaging
import Storage
import Values
import Web

/// The newest events, and one event's way through the services.
extension Operations {
    var eventEndpoints: [Endpoint] { [eventsPage, eventPage, eventByID, eventsAPI, eventAPI] }

    private func filter(_ call: Call) throws -> Filter {
        var filter = Filter()
        if let name = call.query("service") { filter.service = try source(name).name }
        filter.name = call.query("name").map { $0.beginning(100) }
        if let text = call.query("key") {
            guard let key = ID(text) else { throw Problem.invalid("key", "web.type.id") }
            filter.key = key
        }
        return filter
    }

    private func list(_ call: Call, _ transaction: any Transaction) throws -> (entries: [Entry], next: String?) {
        let before = try call.cursor(sources.count)?.indices.map { index in
            try Cursor.value(try call.cursor(sources.count) ?? [], index, as: Int64.self)
        }
        let found = try events(try filter(call), before: before, limit: try call.limit(), transaction)
        return (found.entries, found.next.map { Cursor.encode($0.map { .integer($0) }) })
    }

    // MARK: Pages

    private var eventsPage: Endpoint {
        .page("/operations/events", "The newest events", access: Self.access) { call, transaction in
            // An event's id in the field for keys leads to the event.
            if let id = call.query("key").flatMap({ ID($0) }), let entry = try entry(id, transaction) {
                return .redirect(to: Self.address(entry))
            }
            let filter = try filter(call)
            let (entries, next) = try list(call, transaction)
            let format = call.format
            return .page(
                "operations/events", title: "operations.events.title",
                [
                    "rows": .list(entries.map { Self.row($0, format) }), "any": .flag(!entries.isEmpty),
                    "services": .list(
                        sources.map { ["name": .text($0.name), "chosen": .flag($0.name == filter.service)] }),
                    "name": .text(filter.name ?? ""), "key": .text(filter.key?.description ?? ""),
                    "filtered": .flag(filter.isNarrow || filter.service != nil),
                    "narrow": .flag(filter.isNarrow),
                    "next": .text(next.map { Self.next($0, filter) } ?? ""),
                    "isFirst": .flag(call.query("cursor") == nil),
                    "live": .text(call.query("cursor") == nil ? sources.map(\.topic.name).joined(separator: " ") : ""),
                ])
        }
    }

    private static func next(_ cursor: String, _ filter: Filter) -> String {
        var parts = ["cursor=\(cursor)"]
        if let service = filter.service { parts.append("service=\(service)") }
        if let name = filter.name?.addingPercentEncoding(withAllowedCharacters: .alphanumerics) {
            parts.append("name=\(name)")
        }
        if let key = filter.key { parts.append("key=\(key)") }
        return "/operations/events?" + parts.joined(separator: "&")
    }

    static func address(_ entry: Entry) -> String { "/operations/events/\(entry.source)/\(entry.position)" }

    static func row(_ entry: Entry, _ format: Format) -> Model {
        [
            "href": .text(address(entry)), "name": .text(entry.name), "service": .text(entry.source),
            "time": .text(format.time(entry.time)), "clock": .text(format.clock(entry.time)),
            "key": .text(entry.key.description), "shortKey": .text("…" + entry.key.description.suffix(8)),
            "partition": .text(String(entry.partition)),
            "number": .text(entry.number.map { String($0) } ?? ""),
            "about": .text(about(entry.data)),
        ]
    }

    /// What an event is about in a few words: its title or name, where it has one.
    private static func about(_ data: [UInt8]) -> String {
        let object = (try? JSONSerialization.jsonObject(with: Data(data))) as? [String: Any] ?? [:]
        let person = object["person"] as? [String: Any] ?? [:]
        return (object["title"] ?? object["name"] ?? person["name"]) as? String ?? ""
    }

    private var eventPage: Endpoint {
        .page("/operations/events/{service}/{position}", "One event's way", access: Self.access) { call, transaction in
            let entry = try entry(call, transaction)
            let format = call.format
            let steps = way(of: entry, transaction)
            return .page(
                "operations/event", title: entry.name,
                [
                    "event": Self.row(entry, format), "id": .text(entry.id.description),
                    "version": .text(String(entry.version)), "trace": .text(entry.trace),
                    "data": .text(Self.pretty(entry.data)),
                    "time": .text(format.time(entry.time) + format.clock(entry.time).suffix(3)),
                    "steps": .list(steps.map { Self.step($0, format) }),
                    "related": .list(related(to: entry, transaction).map { Self.row($0, format) }),
                    "topics": .text(sources.map(\.topic.name).joined(separator: " ")),
                ])
        }
    }

    private var eventByID: Endpoint {
        .page("/operations/events/{event}", "The event with an id", access: Self.access) { call, transaction in
            guard let entry = try entry(try call.id("event"), transaction) else { throw Problem.notFound }
            return .redirect(to: Self.address(entry))
        }
    }

    private func entry(_ call: Call, _ transaction: any Transaction) throws -> Entry {
        guard let position = call.pathValues["position"].flatMap({ Int64($0) }),
            let entry = try entry(try source(call.pathValues["service"]), position, transaction)
        else { throw Problem.notFound }
        return entry
    }

    static func pretty(_ data: [UInt8]) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(data)),
            let text = try? JSONSerialization.data(
                withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        else { return String(decoding: data, as: UTF8.self) }
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: The way of one event

    /// A station of an event's way.
    struct Step: Sendable {
        enum State: String, Sendable {
            case written, numbered, published, applied, waiting, parked, discarded, away, unread, refused
            case notNumbered = "not-numbered"
            case notPublished = "not-published"
        }
        let state: State
        let service: String
        var time: Instant?
        var link = ""
        var partition = 0
        var number: Int64 = 0
    }

    func way(of entry: Entry, _ transaction: any Transaction) -> [Step] {
        var steps = [Step(state: .written, service: entry.source, time: entry.time)]
        if entry.isRefused { return steps + [Step(state: .refused, service: entry.source)] }
        guard let number = entry.number, let publisher = sources.first(where: { $0.name == entry.source }) else {
            return steps + [Step(state: .notNumbered, service: entry.source)]
        }
        steps.append(
            Step(state: .numbered, service: entry.source, partition: entry.partition, number: number))
        // One that cannot be asked now is shown as such.
        let published = try? read(publisher, transaction) { transaction in
            try transaction.value("SELECT published FROM journal_cursor WHERE partition = \(entry.partition)")
                ?? Int64(0)
        }
        steps.append(Step(state: (published ?? 0) >= number ? .published : .notPublished, service: entry.source))
        let type = "\(entry.name).\(entry.version)"
        let readers = sources.filter { $0.takes[publisher.topic.name]?.contains(type) == true }
        guard !readers.isEmpty else { return steps + [Step(state: .unread, service: "")] }
        return steps + readers.map { arrival(of: entry, number, publisher.topic, at: $0, transaction) }
    }

    private func arrival(
        of entry: Entry, _ number: Int64, _ topic: Topic, at reader: Source, _ transaction: any Transaction
    ) -> Step {
        let found = try? read(reader, transaction) { transaction in
            (
                try Checkpoint.numbers(of: topic, in: transaction)[entry.partition] ?? 0,
                try Parked.show(topic: topic.name, partition: entry.partition, number: number, in: transaction)
            )
        }
        guard let (checkpoint, parked) = found else { return Step(state: .away, service: reader.name) }
        if let parked {
            return Step(
                state: parked.discarded == nil ? .parked : .discarded, service: reader.name,
                time: parked.discarded?.at ?? parked.parkedAt, link: "/operations/parked/\(reader.name)/\(entry.id)")
        }
        return Step(state: checkpoint >= number ? .applied : .waiting, service: reader.name)
    }

    private static func step(_ step: Step, _ format: Format) -> Model {
        let isDone = [.written, .numbered, .published, .applied].contains(step.state)
        return [
            step.state.rawValue: true, "done": .flag(isDone),
            "bad": .flag(step.state == .parked || step.state == .refused),
            "now": .flag([.waiting, .notNumbered, .notPublished].contains(step.state)),
            "service": .text(step.service), "link": .text(step.link),
            "time": .text(step.time.map { format.time($0) + format.clock($0).suffix(3) } ?? ""),
            "partition": .text(String(step.partition)), "number": .text(String(step.number)),
        ]
    }

    // MARK: For programs

    private struct EventResource: Encodable {
        struct StepResource: Encodable {
            let service: String
            let state: String
        }
        let service: String
        let position: Int64
        let id: String
        let name: String
        let version: Int
        let key: String
        let time: String
        let trace: String
        let partition: Int
        let number: Int64?
        let data: String
        var way: [StepResource]?

        init(_ entry: Entry, way: [Step]? = nil) {
            service = entry.source
            position = entry.position
            id = entry.id.description
            name = entry.name
            version = entry.version
            key = entry.key.description
            time = entry.time.description
            trace = entry.trace
            partition = entry.partition
            number = entry.number
            data = String(decoding: entry.data, as: UTF8.self)
            self.way = way?.map { StepResource(service: $0.service, state: $0.state.rawValue) }
        }
    }

    private static let eventSchema = Schema.object(
        "JournalEvent",
        [
            .init("service", .string, "Who published it"),
            .init("position", .integer(1...Int64.max), "Where it stands in its journal"),
            .init("id", .id, "Unique"), .init("name", .string, "task-created"),
            .init("version", .integer(1...1000), "Of its form"), .init("key", .id, "What it is about"),
            .init("time", .instant, "When it happened"), .init("trace", .string, "The request that set it off"),
            .init("partition", .integer(0...Int64(Topic.partitions - 1)), "Of its topic"),
            .init("number", .optional(.integer(1...Int64.max)), "In its partition; missing until it is numbered"),
            .init("data", .string, "The event itself, JSON"),
            .init(
                "way",
                .optional(
                    .list(
                        .object(
                            "WayStep",
                            [.init("service", .string, "Where"), .init("state", .string, "What became of it")]))),
                "Its way through the services; only for one event"),
        ])

    private var eventsAPI: Endpoint {
        .read(
            "/api/events", "The newest events of all services", access: Self.access,
            query: [
                .cursor, .limit, Parameter("service", .string, "Only what this service published"),
                Parameter("name", .string, "Only events of this name"), Parameter("key", .id, "Only about this"),
            ], gives: .page(of: Self.eventSchema)
        ) { call, transaction in
            let (entries, next) = try list(call, transaction)
            return try .json(ListPage(items: entries.map { EventResource($0) }, next: next))
        }
    }

    private var eventAPI: Endpoint {
        .read(
            "/api/events/{service}/{position}", "One event and its way through the services", access: Self.access,
            gives: Self.eventSchema
        ) { call, transaction in
            let entry = try entry(call, transaction)
            return try .json(EventResource(entry, way: way(of: entry, transaction)))
        }
    }
}
