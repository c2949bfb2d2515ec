import Directory
import Hosting
import Messaging
import Schemas
import Storage
import Values
import Web

/// Parked events of all services (X42): seen, replayed, discarded with a reason.
extension Operations {
    // MARK: Looking

    /// A parked event, and which service could not apply it.
    struct ParkedRow: Sendable {
        let service: String
        let event: ParkedEvent
        /// Where it stands in its publisher's journal: an address, where that is known.
        var link = ""
        /// Why it is not given up: what was typed is no reason.
        var isUnreasoned = false

        static let resource = Resource<ParkedRow>("ParkedEvent") {
            Field("service", \.service, "Who could not apply it")
            Field("event", \.event.envelope.id, "The event's id")
            Field("topic", \.event.envelope.topic, "Its publisher's topic")
            Field("partition", \.event.envelope.partition, .integer(0...Int64(Topic.partitions - 1)), "Of the topic")
            Field("number", \.event.envelope.number, .integer(1...Int64.max), "In the partition")
            Field("name", \.event.envelope.type, "task-created.1")
            Field("key", \.event.envelope.key, "What it is about")
            Field("error", \.event.error, "Why; empty for one that waits behind another of its key")
            Field("parked_at", \.event.parkedAt, "Since when")
            Field("tries", \.event.tries, .integer(0...1000), "How often it failed")
            Field("next_try", \.event.nextTry, "Missing where it waits for an admin")
            Field("discarded_reason", \.event.discarded?.reason, "Why it was given up, where it was")
        }
    }

    private struct ParkedPage: Sendable {
        var rows: [ParkedRow] = []
        var next: String?
        /// Services that could not be asked.
        var away: [String] = []
    }

    /// Parked and discarded events, service by service; the cursor names the service and its last row.
    private func parked(_ call: Call) throws -> ParkedPage {
        let limit = try call.limit()
        var first = 0
        var after: LogPlace?
        if let values = try call.cursor(4) {
            first = max(0, try Cursor.value(values, 0))
            after = LogPlace(
                topic: try Cursor.value(values, 1), partition: try Cursor.value(values, 2),
                number: try Cursor.value(values, 3))
        }
        var page = ParkedPage()
        for (index, source) in sources.enumerated().dropFirst(first) where source.isReader {
            let room = limit - page.rows.count
            let search = ParkedSearch(after: after, limit: room + 1)
            guard let found = try? asker.ask(HostQuestions.parked, of: source.name, search) else {
                page.away.append(source.name)
                after = nil
                continue
            }
            page.rows += found.prefix(room).map { ParkedRow(service: source.name, event: $0) }
            if found.count > room {
                let last = room > 0 ? found[room - 1].envelope : nil
                page.next = Cursor.encode([
                    index.stored, .text(last?.topic ?? ""), (last?.partition ?? -1).stored,
                    .integer(last?.number ?? 0),
                ])
                return page
            }
            after = nil
        }
        return page
    }

    private func one(_ call: Call) throws -> ParkedRow {
        let source = try source(call.pathValues["service"])
        let id = try call.id("event")
        guard source.isReader, let event = try asker.ask(HostQuestions.parkedEvent, of: source.name, id) else {
            throw Problem.notFound
        }
        return ParkedRow(service: source.name, event: event)
    }

    /// The same, with the way to its publisher's journal.
    private func linked(_ row: ParkedRow) -> ParkedRow {
        let place = row.event.envelope
        guard let publisher = sources.first(where: { $0.topic.name == place.topic }) else { return row }
        let found = try? asker.ask(
            HostQuestions.event, of: publisher.name, .number(partition: place.partition, place.number))
        guard let event = found ?? nil else { return row }
        var row = row
        row.link = Self.address(event)
        return row
    }

    // MARK: Changing

    private func replay(_ call: Call) throws -> ParkedRow {
        let row = try one(call)
        let replaying = Replaying(LogPlace(row.event.envelope), by: try call.person().id)
        guard try asker.ask(HostQuestions.replay, of: row.service, replaying) else {
            throw Problem.conflict("operations.not-parked")
        }
        parkedCount.drop()
        return row
    }

    /// - Returns: the event; it is given up unless it ``ParkedRow/isUnreasoned``.
    private func discard(_ call: Call, reason: String) throws -> ParkedRow {
        let reason = reason.words().joined(separator: " ")
        var row = try one(call)
        guard (3...500).contains(reason.unicodeScalars.count), !reason.unicodeScalars.contains("\0") else {
            row.isUnreasoned = true
            return linked(row)
        }
        let discarding = Discarding(event: row.event.envelope.id, reason: reason, by: try call.person().id)
        guard try asker.ask(HostQuestions.discard, of: row.service, discarding) else {
            throw Problem.conflict("operations.not-parked")
        }
        parkedCount.drop()
        return row
    }

    private static func expectReason(_ row: ParkedRow) throws {
        if row.isUnreasoned { throw Problem.invalid("reason", "operations.reason") }
    }

    // MARK: Pages

    var parkedPages: [Endpoint] {
        [
            .page("/operations/parked", "Parked events", access: Self.access) { call, _ in
                let page: ParkedPage = try call.found()
                return .page(
                    "operations/parked", title: "operations.parked.title",
                    [
                        "rows": .list(page.rows.map { Self.row($0) }), "any": .flag(!page.rows.isEmpty),
                        // Of a service that does not answer nobody knows.
                        "none": .flag(page.rows.isEmpty && page.away.isEmpty),
                        "away": .text(page.away.joined(separator: ", ")),
                        "next": .text(page.next.map { "/operations/parked?cursor=\($0)" } ?? ""),
                        "topics": .text(sources.map(\.topic.name).joined(separator: " ")),
                    ])
            }.asking { call in try parked(call) },
            .page("/operations/parked/{service}/{event}", "One parked event", access: Self.access) {
                call, transaction in
                try page(call, try call.found(), in: transaction)
            }.asking { call in linked(try one(call)) },
            .form(
                "/operations/parked/{service}/{event}/replay", "Try a parked event again", access: Self.access,
                idempotent: false
            ) { call, _ in
                .redirect(to: "/operations/parked").saying("operations.said.replayed", Self.said(try call.found()))
            }.asking { call in try replay(call) },
            .form(
                "/operations/parked/{service}/{event}/discard", "Give up a parked event", access: Self.access,
                idempotent: false,
                again: { call, problem, transaction in
                    guard problem.field == "reason" else { return nil }
                    return try page(call, try call.found(), in: transaction)
                }
            ) { call, _ in
                let row: ParkedRow = try call.found()
                try Self.expectReason(row)
                return .redirect(to: "/operations/parked").saying("operations.said.discarded", Self.said(row))
            }.asking { call in try discard(call, reason: call.field("reason")) },
        ]
    }

    /// Which event something was done with, and what that is about.
    private static func said(_ row: ParkedRow) -> [String: String] {
        let envelope = row.event.envelope
        let about = EventData.about(String(decoding: envelope.data, as: UTF8.self))
        return [
            "service": row.service, "event": envelope.name, "about": about.isEmpty ? envelope.key.description : about,
        ]
    }

    private func page(_ call: Call, _ row: ParkedRow, in transaction: any Transaction) throws -> Answer {
        let event = row.event
        var values: [String: Model] = [
            "row": Self.row(row), "link": .text(row.link),
            "data": try EventData(String(decoding: event.envelope.data, as: UTF8.self))
                .model(call.format, in: transaction),
            "waiting": .flag(event.discarded == nil), "reason": .text(call.field("reason")),
            "invalid": .flag(row.isUnreasoned),
            "trace": .text(event.envelope.trace),
            // What Identity says of a person, and nobody could read, leaves that person without rights.
            "person": .text(event.envelope.topic == Topic.identity.name ? "/people/\(event.envelope.key)" : ""),
        ]
        if let discarded = event.discarded {
            values["given"] = [
                "reason": .text(discarded.reason), "time": .time(discarded.at),
                "by": .text(discarded.by.description),
                "name": .text(try Directory.person(discarded.by, in: transaction)?.name ?? ""),
            ]
        }
        return .page("operations/parked-event", title: event.envelope.name, .object(values))
    }

    private static func row(_ row: ParkedRow) -> Model {
        let event = row.event
        let waits = event.discarded == nil
        return [
            "href": .text("/operations/parked/\(row.service)/\(event.envelope.id)"), "service": .text(row.service),
            "name": .text(event.envelope.name), "topic": .text(event.envelope.topic),
            "id": .text(event.envelope.id.description), "key": .text(event.envelope.key.description),
            "about": .text(EventData.about(String(decoding: event.envelope.data, as: UTF8.self))),
            "error": .text(event.error), "since": .time(event.parkedAt),
            "partition": .text(String(event.envelope.partition)), "number": .text(String(event.envelope.number)),
            "tries": .text(String(event.tries)), "isDiscarded": .flag(!waits),
            "isBehind": .flag(waits && !event.isFirst),
            "isTrying": .flag(waits && event.isFirst && event.nextTry != nil),
            "isForAdmin": .flag(waits && event.isFirst && event.nextTry == nil),
            "nextTry": .time(event.nextTry),
        ]
    }

    // MARK: For programs

    private struct Discard: Shaped {
        let reason: String

        static let shape = Shape("Discard", Discard.init) {
            Field("reason", \.reason, .text(3...500), "Kept with the event")
        }
    }

    var parkedAPI: [Endpoint] {
        [
            .list(
                "/api/parked", "Events that a service could not apply", access: Self.access, of: ParkedRow.resource
            ) { call, _ in
                let page: ParkedPage = try call.found()
                return ListPart(page.rows, cursor: page.next)
            }.asking { call in
                let page = try parked(call)
                try Self.expectAll(page.away)
                return page
            },
            .read(
                "/api/parked/{service}/{event}", "One parked event", access: Self.access,
                gives: ParkedRow.resource
            ) { call, _ in try call.found(ParkedRow.self) }.asking { call in try one(call) },
            .command(
                .post, "/api/parked/{service}/{event}/replay-requests", "Have a parked event tried again at once",
                access: Self.access, gives: ParkedRow.resource, status: 202, idempotent: false
            ) { call, _ in try call.found(ParkedRow.self) }.asking { call in try replay(call) },
            .command(
                .put, "/api/parked/{service}/{event}/discard", "Give up a parked event", access: Self.access,
                takes: Discard.self, idempotent: false
            ) { call, _, _ in
                try Self.expectReason(call.found())
                return .nothing
            }.asking { call in try discard(call, reason: call.found(Discard.self).reason) },
        ]
    }
}
