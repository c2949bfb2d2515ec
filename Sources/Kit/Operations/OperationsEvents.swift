import Hosting
import Messaging
import Schemas
import Storage
import Values
import Web

/// The newest events, and one event's way through the services.
extension Operations {
    var eventEndpoints: [Endpoint] { [eventsPage, eventPage, eventByID, eventsAPI, eventAPI] }

    /// What a list of events is narrowed to.
    private struct Filter {
        /// Only this service's.
        var service: String?
        var search = EventSearch()
    }

    private func filter(_ call: Call) throws -> Filter {
        var filter = Filter()
        if let name = call.query("service") { filter.service = try source(name).name }
        filter.search.name = call.query("name").map { $0.beginning(100) }
        if let text = call.query("key") {
            guard let key = ID(text) else { throw Problem.invalid("key", "web.type.id") }
            filter.search.key = key
        }
        filter.search.limit = try call.limit()
        return filter
    }

    /// A page of events, or the one that was asked for.
    private enum Listed: Sendable {
        case events([JournalEvent], next: String?, away: [String])
        case one(JournalEvent)
    }

    private func list(_ call: Call) throws -> Listed {
        let filter = try filter(call)
        let found = try events(of: filter.service, filter.search, before: try places(call))
        return .events(found.rows, next: Self.cursor(found.next), away: found.away)
    }

    // MARK: Pages

    private var eventsPage: Endpoint {
        .page("/operations/events", "The newest events", access: Self.access) { call, _ in
            switch try call.found(Listed.self) {
            case .one(let event): return .redirect(to: Self.address(event))
            case .events(let events, let next, let away): return try page(call, events, next: next, away: away)
            }
        }.asking { call -> Listed in
            // An event's id in the field for keys leads to the event.
            if let id = call.query("key").flatMap({ ID($0) }), let event = try event(id) { return .one(event) }
            return try list(call)
        }
    }

    private func page(
        _ call: Call, _ events: [JournalEvent], next: String?, away: [String]
    ) throws -> Answer {
        let filter = try filter(call)
        return .page(
            "operations/events", title: "operations.events.title",
            [
                "rows": .list(events.map { Self.row($0) }), "any": .flag(!events.isEmpty),
                "away": .text(away.joined(separator: ", ")),
                "services": .list(
                    sources.map { ["name": .text($0.name), "chosen": .flag($0.name == filter.service)] }),
                "name": .text(filter.search.name ?? ""), "key": .text(filter.search.key?.description ?? ""),
                "filtered": .flag(filter.search.isNarrow || filter.service != nil),
                "narrow": .flag(filter.search.isNarrow),
                "next": .text(next.map { Self.next($0, filter) } ?? ""),
                "isFirst": .flag(call.query("cursor") == nil),
                "live": .text(call.query("cursor") == nil ? sources.map(\.topic.name).joined(separator: " ") : ""),
            ])
    }

    private static func next(_ cursor: String, _ filter: Filter) -> String {
        var parts = ["cursor=\(cursor)"]
        if let service = filter.service { parts.append("service=\(service)") }
        if let name = filter.search.name { parts.append("name=\(PercentCoding.encode(name))") }
        if let key = filter.search.key { parts.append("key=\(key)") }
        return "/operations/events?" + parts.joined(separator: "&")
    }

    static func address(_ event: JournalEvent) -> String { "/operations/events/\(event.service)/\(event.position)" }

    static func row(_ event: JournalEvent) -> Model {
        [
            "id": .text(event.id.description), "href": .text(address(event)), "name": .text(event.name),
            "service": .text(event.service), "time": .time(event.time),
            "key": .text(event.key.description), "shortKey": .text("…" + event.key.description.suffix(8)),
            "partition": .text(String(event.partition)),
            "number": .text(event.number.map { String($0) } ?? ""),
            "about": .text(EventData.about(event.data)),
        ]
    }

    /// An event; one that was asked for alone with its way, and with what else its request set off.
    private struct SeenEvent: Sendable {
        let event: JournalEvent
        var way: [Step]?
        var related: [JournalEvent] = []

        static let resource = Resource<SeenEvent>("JournalEvent") {
            Field("service", \.event.service, "Who published it")
            Field("position", \.event.position, .integer(1...Int64.max), "Where it stands in its journal")
            Field("id", \.event.id, "Unique")
            Field("name", \.event.name, "task-created")
            Field("version", \.event.version, .integer(1...1000), "Of its form")
            Field("key", \.event.key, "What it is about")
            Field("time", \.event.time, "When it happened")
            Field("trace", \.event.trace, "The request that set it off")
            Field("partition", \.event.partition, .integer(0...Int64(Topic.partitions - 1)), "Of its topic")
            Field(
                "number", \.event.number, .optional(.integer(1...Int64.max)),
                "In its partition; missing until it is numbered")
            Field("data", \.event.data, "The event itself, JSON")
            Field("way", \.way, "Its way through the services; only for one event")
        }
    }

    private var eventPage: Endpoint {
        .page("/operations/events/{service}/{position}", "One event's way", access: Self.access) { call, transaction in
            let shown: SeenEvent = try call.found()
            let event = shown.event
            return .page(
                "operations/event", title: event.name,
                [
                    "event": Self.row(event), "id": .text(event.id.description),
                    "version": .text(String(event.version)), "trace": .text(event.trace),
                    "data": try EventData(event.data).model(call.format, in: transaction),
                    "time": .time(event.time),
                    "steps": .list((shown.way ?? []).map { Self.step($0) }),
                    "related": .list(shown.related.map { Self.row($0) }),
                    "topics": .text(sources.map(\.topic.name).joined(separator: " ")),
                ])
        }.asking { call in
            let event = try event(call)
            return SeenEvent(event: event, way: try way(of: event), related: try related(to: event))
        }
    }

    private var eventByID: Endpoint {
        .page("/operations/events/{event}", "The event with an id", access: Self.access) { call, _ in
            .redirect(to: Self.address(try call.found()))
        }.asking { call in
            guard let event = try event(try call.id("event")) else { throw Problem.notFound }
            return event
        }
    }

    private func event(_ call: Call) throws -> JournalEvent {
        guard let position = call.pathValues["position"].flatMap({ Int64($0) }),
            let event = try event(try source(call.pathValues["service"]), at: position)
        else { throw Problem.notFound }
        return event
    }

    // MARK: The way of one event

    /// A station of an event's way.
    struct Step: Shown {
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

        /// What tells it from the others, whatever has become of it.
        var station: String {
            switch state {
            case .written: "written"
            case .numbered, .notNumbered, .refused: "number"
            case .published, .notPublished: "log"
            case .unread: "unread"
            case .applied, .waiting, .parked, .discarded, .away: "at-\(service)"
            }
        }

        static let resource = Resource<Step>("WayStep") {
            Field("service", \.service, "Where")
            Field("state", \.state.rawValue, "What became of it")
        }
    }

    func way(of event: JournalEvent) throws -> [Step] {
        var steps = [Step(state: .written, service: event.service, time: event.time)]
        if event.isRefused { return steps + [Step(state: .refused, service: event.service)] }
        guard let number = event.number, let publisher = sources.first(where: { $0.name == event.service }) else {
            return steps + [Step(state: .notNumbered, service: event.service)]
        }
        let place = LogPlace(topic: publisher.topic.name, partition: event.partition, number: number)
        steps.append(Step(state: .numbered, service: event.service, partition: event.partition, number: number))
        // One that cannot be asked now is shown as such.
        let isPublished = (try? asker.ask(HostQuestions.isPublished, of: publisher.name, place)) ?? false
        steps.append(Step(state: isPublished ? .published : .notPublished, service: event.service))
        let type = "\(event.name).\(event.version)"
        let readers = sources.filter { $0.takes[publisher.topic.name]?.contains(type) == true }
        guard !readers.isEmpty else { return steps + [Step(state: .unread, service: "")] }
        let arrivals = try asker.ask(HostQuestions.arrival, readers.map { ($0.name, place) })
        return steps + zip(readers, arrivals).map { Self.arrival(of: event, at: $0.name, try? $1.get()) }
    }

    private static func arrival(of event: JournalEvent, at reader: String, _ arrival: Arrival?) -> Step {
        guard let arrival else { return Step(state: .away, service: reader) }
        if let parked = arrival.parked {
            return Step(
                state: parked.discarded == nil ? .parked : .discarded, service: reader,
                time: parked.discarded?.at ?? parked.parkedAt, link: "/operations/parked/\(reader)/\(event.id)")
        }
        return Step(state: arrival.isPast ? .applied : .waiting, service: reader)
    }

    private static func step(_ step: Step) -> Model {
        let isDone = [.written, .numbered, .published, .applied].contains(step.state)
        return [
            step.state.rawValue: true, "station": .text(step.station), "done": .flag(isDone),
            "bad": .flag(step.state == .parked || step.state == .refused),
            "now": .flag([.waiting, .notNumbered, .notPublished].contains(step.state)),
            "service": .text(step.service), "link": .text(step.link),
            "time": .time(step.time),
            "partition": .text(String(step.partition)), "number": .text(String(step.number)),
        ]
    }

    // MARK: For programs

    private var eventsAPI: Endpoint {
        .read(
            "/api/events", "The newest events of all services", access: Self.access,
            query: [
                .cursor, .limit, Parameter("service", .string, "Only what this service published"),
                Parameter("name", .string, "Only events of this name"), Parameter("key", .id, "Only about this"),
            ], gives: .page(of: SeenEvent.resource.schema)
        ) { call, _ in
            guard case .events(let events, let next, _) = try call.found(Listed.self) else { throw Problem.notFound }
            return .json(ListPart(events.map { SeenEvent(event: $0) }, cursor: next), as: SeenEvent.resource)
        }.asking { call in
            let found = try list(call)
            // A program would take a part for the whole.
            if case .events(_, _, let away) = found { try Self.expectAll(away) }
            return found
        }
    }

    private var eventAPI: Endpoint {
        .read(
            "/api/events/{service}/{position}", "One event and its way through the services", access: Self.access,
            gives: SeenEvent.resource
        ) { call, _ in try call.found(SeenEvent.self) }.asking { call in
            let event = try event(call)
            return SeenEvent(event: event, way: try way(of: event))
        }
    }
}
