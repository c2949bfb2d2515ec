import Composition
import Hosting
import ServiceKit
import Storage

/// One process of the program, across its starts. In the embedded shape it is the only one. If there are several, each
/// runs all services on the same databases, and leases decide which one does what.
final class Node {
    /// The life of the running process, or of the last one.
    private(set) var life = Life()
    private(set) var exchange: Exchange?
    /// The parts that get turns.
    var parts: [Part] = []
    /// The process is not started again before this step.
    var downUntil = 0
    /// The process stands still until this step.
    var pausedUntil = 0

    var isUp: Bool { exchange != nil && !life.isOver }

    struct Part {
        let service: String
        let part: ServiceHost.Part
        /// The commit signal of its service's database.
        let commits: Signal
        /// Whether it passes events on: a relay, or a subscription to a topic. The others are jobs, and the part that
        /// tries parked events again.
        let carries: Bool
        /// The state in which it last found nothing to do.
        var idle: Stamp?
    }

    /// The state that a part looks at to know whether there is something to do: nothing else makes work for it.
    struct Stamp: Equatable {
        let commits: UInt64
        let log: Int
        let time: Int64
        let uptime: Int64
        let isArmed: Bool
    }

    /// Starts the process; if that fails it is down.
    func start(_ world: World) throws {
        exchange = nil
        parts = []
        defer { life = world.life }
        let started = try world.start()
        exchange = started
        parts = started.hosts.flatMap { host in
            host.parts.map { part in
                Part(
                    service: host.service.name, part: part, commits: host.database.commits,
                    carries: part.name == "relay" || part.name.hasPrefix("topic "))
            }
        }
    }

    /// The process ends where it is, and releases everything.
    func end() {
        life.isOver = true
        exchange?.close()
        exchange = nil
        parts = []
    }
}

/// One life of the program: from a start to the crash or stop after which none of its handles does anything.
// Unchecked: a run uses one thread (see ``World``).
final class Life: @unchecked Sendable {
    var isOver = false
}
