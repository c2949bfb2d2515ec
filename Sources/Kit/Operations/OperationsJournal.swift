import Hosting
import Messaging
import Schemas
import Storage
import Values
import Web

/// Rows of several services' journals, newest first, and where the list goes on: for each service of the installation the
/// position below which nothing has been shown yet (0: nothing is left).
struct JournalPart<Row: JournalRow>: Sendable {
    let rows: [Row]
    /// `nil` on the last page.
    let next: [Int64]?
    /// Services that could not be asked, whose rows the list lacks.
    let away: [String]
}

/// Events of all services' journals, as each service answers for its own.
extension Operations {
    /// Some of the newest events.
    /// - Parameter service: the only one that is looked at, where it is given.
    func events(of service: String?, _ search: EventSearch, before: [Int64]?) throws -> JournalPart<JournalEvent> {
        let asked = sources.filter { service == nil || service == $0.name }
        return try newest(asked, HostQuestions.events, before: before, limit: search.limit) { place in
            var search = search
            search.before = place
            return search
        }
    }

    /// The newest rows of the services that are asked.
    /// - Parameters:
    ///   - before: where the list goes on, see ``JournalPart``.
    ///   - search: what one is asked, who goes on below a position.
    func newest<Asked, Row>(
        _ asked: [Source], _ question: Question<Asked, JournalStretch<Row>>, before: [Int64]?, limit: Int,
        _ search: (Int64?) -> Asked
    ) throws -> JournalPart<Row> {
        var places: [String: Int64] = [:]
        for (index, source) in sources.enumerated() { places[source.name] = before?[index] }
        let answers = try asker.ask(question, asked.map { ($0.name, search(places[$0.name])) })
        var stretches: [String: JournalStretch<Row>] = [:]
        for (source, answer) in zip(asked, answers) { stretches[source.name] = try? answer.get() }
        let away = asked.map(\.name).filter { stretches[$0] == nil }
        let newest = stretches.values.flatMap(\.events)
            .sorted { ($0.time, $0.position, $0.service) > ($1.time, $1.position, $1.service) }.prefix(limit)
        let next = sources.map { source -> Int64 in
            guard let stretch = stretches[source.name] else {
                // One that is away goes on where it was.
                return away.contains(source.name) ? places[source.name] ?? Int64.max : 0
            }
            let shown = newest.filter { $0.service == source.name }
            // A service whose rows were not all shown goes on below the last that was; else below what was searched.
            guard shown.count < stretch.events.count else { return stretch.floor }
            return shown.last?.position ?? places[source.name] ?? Int64.max
        }
        // Without any that answers there is nothing to go on to.
        let isOver = stretches.isEmpty || !next.contains { $0 > 0 }
        return JournalPart(rows: Array(newest), next: isOver ? nil : next, away: away)
    }

    /// Where a list of journals' rows goes on.
    func places(_ call: Call) throws -> [Int64]? {
        guard let values = try call.cursor(sources.count) else { return nil }
        return try values.indices.map { try Cursor.value(values, $0) }
    }

    /// The cursor for ``places(_:)``.
    static func cursor(_ next: [Int64]?) -> String? {
        next.map { Cursor.encode($0.map { .integer($0) }) }
    }

    func event(_ source: Source, at position: Int64) throws -> JournalEvent? {
        try asker.ask(HostQuestions.event, of: source.name, .position(position))
    }

    /// An event by its id, in whichever journal it is.
    func event(_ id: ID) throws -> JournalEvent? {
        // One that cannot be asked has nothing to show; the others' are still worth seeing.
        try asker.ask(HostQuestions.event, sources.map { ($0.name, .id(id)) }).lazy.compactMap { try? $0.get() }.first
    }

    /// The events of every service that the same request set off, oldest first.
    func related(to event: JournalEvent) throws -> [JournalEvent] {
        let search = TraceSearch(trace: event.trace, time: event.time)
        return try asker.ask(HostQuestions.related, sources.map { ($0.name, search) })
            .flatMap { (try? $0.get()) ?? [] }.filter { $0.id != event.id }
            .sorted { ($0.time, $0.position) < ($1.time, $1.position) }
    }
}
