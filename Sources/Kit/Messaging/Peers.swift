import Storage
import Synchronization
import Values

/// The processes at work on one service's database, as one of them sees them: each beats a counter of its own there, and
/// whoever's counter stands still for three seconds of one's own uptime is held for dead. All of them look at the same
/// rows, so each can tell by itself whose turn something is. Being wrong for a moment only costs work that is rolled
/// back: what makes two at once harmless are the fences in their transactions.
package final class Peers: Sendable {
    private struct Sight: Sendable {
        let beat: Int64
        let since: Int64
    }

    private struct State: Sendable {
        var sights: [String: Sight] = [:]
        /// Names of those that live, in their order.
        var alive: [String]
    }

    private static let prefix = "process "
    /// For how long, in milliseconds of one's own uptime, the row of one that is dead is kept.
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

    /// How many live, this one included.
    package var count: Int { state.withLock { $0.alive.count } }

    /// Whether this process is meant to have the `turn`th of things that are dealt in turn. One that is alone has all.
    package func isMine(_ turn: Int) -> Bool {
        state.withLock { $0.alive[turn % $0.alive.count] == owner.name }
    }

    /// Whether this is a process whose counter stands still.
    func isDead(_ name: String) -> Bool {
        state.withLock { $0.sights[name] != nil && !$0.alive.contains(name) }
    }

    /// How often to beat, in seconds: often enough that a death is seen, and made good, within five.
    package static let pulse = 0.5

    /// Beats, and looks who else does.
    package func beat() throws {
        guard !owner.alone else { return }
        let (name, prefix) = (owner.name, Peers.prefix)
        let rows = try database.write { transaction in
            _ = try transaction.changeQuietly(
                """
                INSERT INTO lease (name, owner, beat) VALUES (\(prefix + name), \(name), 1)
                ON CONFLICT (name) DO UPDATE SET beat = lease.beat + 1
                """)
            // Names that begin with the prefix: `!` comes after the space.
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

    /// Takes note of who has moved. Returns those that have been dead for so long that nobody needs their rows.
    private func look(at rows: [(owner: String, beat: Int64)], uptime: Int64) -> [(owner: String, beat: Int64)] {
        state.withLock { state in
            var sights: [String: Sight] = [:]
            for row in rows {
                let former = state.sights[row.owner]
                sights[row.owner] = former?.beat == row.beat ? former : Sight(beat: row.beat, since: uptime)
            }
            state.sights = sights
            let living = sights.filter { $0.key == owner.name || uptime - $0.value.since < Lease.patience }
            state.alive = Set(living.keys).union([owner.name]).sorted()
            return rows.filter { uptime - (sights[$0.owner]?.since ?? uptime) >= Peers.memory }
        }
    }

    /// Says that this process goes, so that the others share its work at once.
    package func leave() throws {
        guard !owner.alone else { return }
        let name = Peers.prefix + owner.name
        try database.write { try $0.send("DELETE FROM lease WHERE name = \(name)") }
    }
}
