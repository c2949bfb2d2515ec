import Directory
import Messaging
import Storage
import Values
import Web

/// Parked events of all services (X42): seen, replayed, discarded with a reason.
extension Operations {
    // MARK: Looking

    struct ParkedRow: Sendable {
        let service: String
        let event: ParkedEvent
    }

    /// Parked and discarded events, service by service; the cursor names the service and its last row.
    private func parked(_ call: Call, _ transaction: any Transaction) throws -> (rows: [ParkedRow], next: String?) {
        let limit = try call.limit()
        var first = 0
        var after: (topic: String, partition: Int, number: Int64)?
        if let values = try call.cursor(4) {
            first = max(0, try Cursor.value(values, 0))
            after = (try Cursor.value(values, 1), try Cursor.value(values, 2), try Cursor.value(values, 3))
        }
        var rows: [ParkedRow] = []
        for (index, source) in sources.enumerated().dropFirst(first) where source.isReader {
            let (start, room) = (after, limit - rows.count)
            let found = try read(source, transaction) { transaction in
                try Parked.list(after: start, limit: room + 1, in: transaction)
            }
            rows += found.prefix(room).map { ParkedRow(service: source.name, event: $0) }
            if found.count > room {
                let last = room > 0 ? found[room - 1].envelope : nil
                return (
                    rows,
                    Cursor.encode([
                        index.stored, .text(last?.topic ?? ""), (last?.partition ?? -1).stored,
                        .integer(last?.number ?? 0),
                    ])
                )
            }
            after = nil
        }
        return (rows, nil)
    }

    private func one(_ call: Call, _ transaction: any Transaction) throws -> (source: Source, event: ParkedEvent) {
        let source = try source(call.pathValues["service"])
        let id = try call.id("event")
        guard source.isReader, let event = try read(source, transaction, { try Parked.show(id: id, in: $0) }) else {
            throw Problem.notFound
        }
        return (source, event)
    }

    // MARK: Changing

    private func replay(_ call: Call, _ transaction: any Transaction) throws -> (source: Source, event: ParkedEvent) {
        let (source, event) = try one(call, transaction)
        let (place, now) = (event.envelope, call.now)
        let isDone = try write(source, transaction) { transaction in
            try Parked.replay(
                topic: place.topic, partition: place.partition, number: place.number, now: now, in: transaction)
        }
        guard isDone else { throw Problem.conflict("operations.not-parked") }
        return (source, event)
    }

    private func discard(
        _ call: Call, reason: String, _ transaction: any Transaction
    ) throws -> (source: Source, event: ParkedEvent) {
        let reason = reason.words().joined(separator: " ")
        guard (3...500).contains(reason.unicodeScalars.count), !reason.unicodeScalars.contains("\0") else {
            throw Problem.invalid("reason", "operations.reason")
        }
        let (source, event) = try one(call, transaction)
        let (place, now, by) = (event.envelope, call.now, try call.person().id)
        let isDone = try write(source, transaction) { transaction in
            try Parked.discard(
                topic: place.topic, partition: place.partition, number: place.number, reason: reason, by: by, now: now,
                in: transaction)
        }
        if !isDone {
            // The same discard again, when the transaction around it is run twice, is done already.
            let (_, after) = try one(call, transaction)
            guard after.discarded?.by == by, after.discarded?.reason == reason else {
                throw Problem.conflict("operations.not-parked")
            }
        }
        return (source, event)
    }

    // MARK: Pages

    var parkedPages: [Endpoint] {
        [
            .page("/operations/parked", "Parked events", access: Self.access) { call, transaction in
                let (rows, next) = try parked(call, transaction)
                return .page(
                    "operations/parked", title: "operations.parked.title",
                    [
                        "rows": .list(rows.map { Self.row($0, call.format) }), "any": .flag(!rows.isEmpty),
                        "next": .text(next.map { "/operations/parked?cursor=\($0)" } ?? ""),
                        "topics": .text(sources.map(\.topic.name).joined(separator: " ")),
                    ])
            },
            .page("/operations/parked/{service}/{event}", "One parked event", access: Self.access) {
                call, transaction in
                let (source, event) = try one(call, transaction)
                return try page(call, source, event, transaction)
            },
            .form(
                "/operations/parked/{service}/{event}/replay", "Try a parked event again", access: Self.access,
                idempotent: false
            ) { call, transaction in
                _ = try replay(call, transaction)
                return .redirect(to: "/operations/parked?notice=operations.done.replayed")
            },
            .form(
                "/operations/parked/{service}/{event}/discard", "Give up a parked event", access: Self.access,
                idempotent: false,
                again: { call, problem, transaction in
                    guard problem.field == "reason" else { return nil }
                    let (source, event) = try one(call, transaction)
                    return try page(call, source, event, transaction, invalid: true)
                }
            ) { call, transaction in
                _ = try discard(call, reason: call.field("reason"), transaction)
                return .redirect(to: "/operations/parked?notice=operations.done.discarded")
            },
        ]
    }

    private func page(
        _ call: Call, _ source: Source, _ event: ParkedEvent, _ transaction: any Transaction, invalid: Bool = false
    ) throws -> Answer {
        let publisher = sources.first { $0.topic.name == event.envelope.topic }
        let (partition, number) = (event.envelope.partition, event.envelope.number)
        var link = ""
        if let publisher {
            let position: Int64?? = try? read(publisher, transaction) { transaction in
                try transaction.value(
                    "SELECT position FROM journal WHERE partition = \(partition) AND number = \(number)")
            }
            if let position = position ?? nil { link = "/operations/events/\(publisher.name)/\(position)" }
        }
        var values: [String: Model] = [
            "row": Self.row(ParkedRow(service: source.name, event: event), call.format), "link": .text(link),
            "data": .text(Self.pretty(event.envelope.data)),
            "waiting": .flag(event.discarded == nil), "reason": .text(call.field("reason")), "invalid": .flag(invalid),
            "trace": .text(event.envelope.trace),
            // What Identity says of a person, and nobody could read, leaves that person without rights.
            "person": .text(event.envelope.topic == Directory.topic.name ? "/people/\(event.envelope.key)" : ""),
        ]
        if let discarded = event.discarded {
            values["given"] = [
                "reason": .text(discarded.reason), "time": .text(call.format.time(discarded.at)),
                "by": .text(discarded.by.description),
            ]
        }
        return .page(
            "operations/parked-event", title: event.envelope.name, .object(values), status: invalid ? 422 : 200)
    }

    private static func row(_ row: ParkedRow, _ format: Format) -> Model {
        let event = row.event
        let waits = event.discarded == nil
        return [
            "href": .text("/operations/parked/\(row.service)/\(event.envelope.id)"), "service": .text(row.service),
            "name": .text(event.envelope.name), "topic": .text(event.envelope.topic),
            "id": .text(event.envelope.id.description), "key": .text(event.envelope.key.description),
            "error": .text(event.error), "since": .text(format.time(event.parkedAt)),
            "partition": .text(String(event.envelope.partition)), "number": .text(String(event.envelope.number)),
            "tries": .text(String(event.tries)), "isDiscarded": .flag(!waits),
            "isBehind": .flag(waits && !event.isFirst),
            "isTrying": .flag(waits && event.isFirst && event.nextTry != nil),
            "isForAdmin": .flag(waits && event.isFirst && event.nextTry == nil),
            "nextTry": .text(event.nextTry.map { format.clock($0) } ?? ""),
        ]
    }

    // MARK: For programs

    private struct ParkedResource: Encodable {
        let service: String
        let event: String
        let topic: String
        let partition: Int
        let number: Int64
        let name: String
        let key: String
        let error: String
        let parked_at: String
        let tries: Int
        let next_try: String?
        let discarded_reason: String?

        init(_ service: String, _ event: ParkedEvent) {
            self.service = service
            self.event = event.envelope.id.description
            topic = event.envelope.topic
            partition = event.envelope.partition
            number = event.envelope.number
            name = event.envelope.type
            key = event.envelope.key.description
            error = event.error
            parked_at = event.parkedAt.description
            tries = event.tries
            next_try = event.nextTry?.description
            discarded_reason = event.discarded?.reason
        }
    }

    private static let schema = Schema.object(
        "ParkedEvent",
        [
            .init("service", .string, "Who could not apply it"), .init("event", .id, "The event's id"),
            .init("topic", .string, "Its publisher's topic"),
            .init("partition", .integer(0...Int64(Topic.partitions - 1)), "Of the topic"),
            .init("number", .integer(1...Int64.max), "In the partition"), .init("name", .string, "task-created.1"),
            .init("key", .id, "What it is about"),
            .init("error", .string, "Why; empty for one that waits behind another of its key"),
            .init("parked_at", .instant, "Since when"), .init("tries", .integer(0...1000), "How often it failed"),
            .init("next_try", .optional(.instant), "Missing where it waits for an admin"),
            .init("discarded_reason", .optional(.string), "Why it was given up, where it was"),
        ])

    var parkedAPI: [Endpoint] {
        [
            .read(
                "/api/parked", "Events that a service could not apply", access: Self.access, query: [.cursor, .limit],
                gives: .page(of: Self.schema)
            ) { call, transaction in
                let (rows, next) = try parked(call, transaction)
                return try .json(ListPage(items: rows.map { ParkedResource($0.service, $0.event) }, next: next))
            },
            .read(
                "/api/parked/{service}/{event}", "One parked event", access: Self.access, gives: Self.schema
            ) { call, transaction in
                let (source, event) = try one(call, transaction)
                return try .json(ParkedResource(source.name, event))
            },
            .command(
                .post, "/api/parked/{service}/{event}/replay-requests", "Have a parked event tried again at once",
                access: Self.access, gives: Self.schema, idempotent: false
            ) { call, transaction in
                let (source, event) = try replay(call, transaction)
                return try .json(ParkedResource(source.name, event), status: 202)
            },
            .command(
                .put, "/api/parked/{service}/{event}/discard", "Give up a parked event", access: Self.access,
                takes: .object("Discard", [.init("reason", .text(3...500), "Kept with the event")]), idempotent: false
            ) { call, transaction in
                struct Discard: Decodable {
                    let reason: String
                }
                _ = try discard(call, reason: try call.decode(Discard.self).reason, transaction)
                return .nothing
            },
        ]
    }
}
