import Storage
import Synchronization
import Values

/// The processes that work on one service's database, as seen by one of them. Each increments a heartbeat counter of
/// its own there. If a counter stays unchanged for three seconds of this process's uptime, its process counts as dead.
/// All processes look at the same rows, so each can decide alone whose turn something is. A wrong decision for a moment
/// only costs work that is rolled back: the fences in their transactions make two at once harmless.
package final class Peers: Sendable {
    private struct Observation: Sendable {
        let beat: Int64
        let since: Int64
    }

    private struct State: Sendable {
        var sights: [String: Observation] = [:]
        /// The sorted names of the living processes.
        var alive: [String]
    }

    private static let prefix = "process "
    /// How long the row of a dead process is kept, in milliseconds of this process's uptime.
    private static let memory: Int64 = 60_000

    private let database: any Database
    private let environment: Environment
    private let owner: Owner
    private let state: Mutex<State>

    package init(database: any Database, environment: Environment, owner: Owner) {
        self.database = database
        self.environment = environment
        self.owner = owner
        state = Mutex(State(alive: [owner.name]))
    }

    /// The number of living processes, including this one.
    package var count: Int { state.withLock { $0.alive.count } }

    /// Whether this process is responsible for item number `turn` of work that is shared in turn. A process that is
    /// alone is responsible for everything.
    package func isMine(_ turn: Int) -> Bool {
        state.withLock { $0.alive[turn % $0.alive.count] == owner.name }
    }

    /// Whether this is a process whose counter no longer changes.
    func isDead(_ name: String) -> Bool {
        state.withLock { $0.sights[name] != nil && !$0.alive.contains(name) }
    }

    /// The time between heartbeats, in seconds. A dead process must be noticed and replaced within five seconds.
    package static let pulse = 0.5

    /// Increments this process's counter and reads the others.
    package func beat() throws {
        guard !owner.alone else { return }
        let (name, prefix) = (owner.name, Peers.prefix)
        let rows = try database.write { transaction in
            _ = try transaction.changeQuietly(
                """
                INSERT INTO lease (name, owner, beat) VALUES (\(prefix + name), \(name), 1)
                ON CONFLICT (name) DO UPDATE SET beat = lease.beat + 1
                """)
            // Names that begin with the prefix: `!` is the next character after the space.
            return try transaction.fetch(
                """
                SELECT owner, beat FROM lease WHERE name >= \(prefix) AND name < 'process!' ORDER BY name LIMIT 1000
                """
            ).map { (owner: try $0(0, as: String.self), beat: try $0(1, as: Int64.self)) }
        }
        let forgotten = look(at: rows, uptime: environment.uptime())
        guard !forgotten.isEmpty else { return }
        try database.write { transaction in
            try transaction.send(
                "DELETE FROM lease WHERE name = ? AND beat = ?",
                rows: forgotten.map { [.text(prefix + $0.owner), .integer($0.beat)] })
        }
    }

    /// Records which counters have changed. Returns the processes that have been dead so long that their rows are no
    /// longer needed.
    private func look(at rows: [(owner: String, beat: Int64)], uptime: Int64) -> [(owner: String, beat: Int64)] {
        state.withLock { state in
            var sights: [String: Observation] = [:]
            for row in rows {
                let former = state.sights[row.owner]
                sights[row.owner] = former?.beat == row.beat ? former : Observation(beat: row.beat, since: uptime)
            }
            state.sights = sights
            let living = sights.filter { $0.key == owner.name || uptime - $0.value.since < Lease.patience }
            state.alive = Set(living.keys).union([owner.name]).sorted()
            return rows.filter { uptime - (sights[$0.owner]?.since ?? uptime) >= Peers.memory }
        }
    }

    /// Removes this process, so that the others take over its work at once.
    package func leave() throws {
        guard !owner.alone else { return }
        let name = Peers.prefix + owner.name
        try database.write { try $0.send("DELETE FROM lease WHERE name = \(name)") }
    }
}
