import Hosting
import Messaging
import Storage
import Values
import Web

/// Events of all services' journals, as each service answers for its own.
extension Operations {
    /// Some of the newest events, newest first, and where the list goes on: for each service the position below which
    /// nothing has been shown yet (0: nothing is left).
    /// - Parameter service: the only one that is looked at, where it is given.
    /// - Returns: also which services could not be asked, whose events the list lacks.
    func events(
        of service: String?, _ search: EventSearch, before: [Int64]?
    ) throws -> (events: [JournalEvent], next: [Int64]?, away: [String]) {
        let asked = sources.enumerated().filter { service == nil || service == $1.name }
        let answers = try asker.ask(
            HostQuestions.events,
            asked.map { index, source in
                var search = search
                search.before = before?[index]
                return (source.name, search)
            })
        var stretches: [String: EventStretch] = [:]
        for ((_, source), answer) in zip(asked, answers) { stretches[source.name] = try? answer.get() }
        let away = asked.map(\.element.name).filter { stretches[$0] == nil }
        let newest = stretches.values.flatMap(\.events)
            .sorted { ($0.time, $0.position, $0.service) > ($1.time, $1.position, $1.service) }.prefix(search.limit)
        var next: [Int64] = []
        for (index, source) in sources.enumerated() {
            guard let stretch = stretches[source.name] else {
                // One that is away goes on where it was.
                next.append(away.contains(source.name) ? before?[index] ?? Int64.max : 0)
                continue
            }
            let shown = newest.filter { $0.service == source.name }
            // A service whose rows were not all shown goes on below the last that was; else below what was searched.
            let isWhole = shown.count == stretch.events.count
            next.append(isWhole ? stretch.floor : shown.last?.position ?? before?[index] ?? Int64.max)
        }
        // Without any that answers there is nothing to go on to.
        return (Array(newest), stretches.isEmpty || !next.contains { $0 > 0 } ? nil : next, away)
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
