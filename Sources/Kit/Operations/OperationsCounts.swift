import Hosting
import Messaging
import Schemas
import Synchronization
import Values
import Web

/// What the navigation tells an admin on every page: that something goes on badly until somebody sees to it.
extension Operations {
    static let parkedCountPath = "/operations/fragments/parked"
    static let backupCountPath = "/operations/fragments/backups"

    var counts: [Endpoint] {
        [
            .count(
                Operations.parkedCountPath, access: Self.access, about: "operations.parked.count", as: .trouble,
                topics: sources.filter(\.isReader).map(\.topic.name)
            ) { call, _ in try call.found(Int.self) }.asking { call in try waiting(call) },
            .count(
                Operations.backupCountPath, access: Self.access, about: "backups.count", as: .trouble,
                topics: ["backups"]
            ) { call, _ in try call.found(Int.self) }.asking { call in try backupTrouble(call.now) },
        ]
    }

    /// How many events are parked, over all services. Of one that does not answer nobody knows.
    private func waiting(_ call: Call) throws -> Int {
        try parkedCount.value(call.environment.uptime) {
            let readers = sources.filter(\.isReader)
            let answers = try asker.ask(HostQuestions.state, readers.map { ($0.name, Nothing()) })
            let states = answers.compactMap { try? $0.get() }
            return Int(states.flatMap(\.parked).map(\.events).reduce(0, +))
        }
    }

    /// How old the newest backup may be where one is made each day.
    private static let oldestBackup: Int64 = 25 * 3600
    /// The error of one that somebody has stopped, or that the server's end has.
    private static let stopped = "stopped"

    /// 1 where the last backup failed, or the day's own is overdue. Where none is made by itself, or none was made yet,
    /// nobody is urged.
    private func backupTrouble(_ now: Instant) throws -> Int {
        guard let last = try backups.latest(20).first(where: { $0.error != Operations.stopped }) else { return 0 }
        if last.error != nil { return 1 }
        return backups.hour != nil && now.seconds - last.at.seconds > Operations.oldestBackup ? 1 : 0
    }
}

/// A count that every page asks for and that takes its time to find out, as where services are asked over a network. It
/// is kept for twenty times as long as that took: it never takes more than a twentieth of the time, also where a service
/// does not answer, and where all are quick it is as good as new.
package final class KeptCount: Sendable {
    private struct State {
        var kept: (count: Int, until: Int64)?
        var drops = 0
    }

    private static let times: Int64 = 20
    /// In milliseconds.
    private static let longest: Int64 = 60_000

    private let state = Mutex(State())

    package init() {}

    /// - Parameters:
    ///   - uptime: milliseconds, of a clock that nobody sets.
    ///   - find: may block.
    package func value(_ uptime: () -> Int64, _ find: () throws -> Int) rethrows -> Int {
        let begun = uptime()
        let (kept, drops) = state.withLock { state -> (Int?, Int) in
            guard let kept = state.kept, begun < kept.until else { return (nil, state.drops) }
            return (kept.count, state.drops)
        }
        if let kept { return kept }
        let count = try find()
        let over = uptime()
        state.withLock { state in
            // What was asked before it was dropped is not known any more.
            guard state.drops == drops else { return }
            state.kept = (count, over + min(KeptCount.longest, (over - begun) * KeptCount.times))
        }
        return count
    }

    /// Has it found out anew: it was changed.
    package func drop() {
        state.withLock { state in
            state.kept = nil
            state.drops += 1
        }
    }
}
