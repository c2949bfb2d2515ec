import Composition
import Hosting
import Storage
import ServiceKit

/// One process of the program, from start to start. It is alone in the embedded shape; where there are several, each of
/// them runs all services on the same databases, and leases say who does what.
final class Node {
    /// Of the process that runs, or ran last.
    private(set) var life = Life()
    private(set) var exchange: Exchange?
    /// What of it gets turns.
    var parts: [Part] = []
    /// Nobody starts it again before this step.
    var downUntil = 0
    /// It stands still until this step.
    var pausedUntil = 0

    var isUp: Bool { exchange != nil && !life.isOver }

    struct Part {
        let service: String
        let part: ServiceHost.Part
        /// Of its service's database.
        let commits: Signal
        /// It hands events on: a relay, or what takes them from a topic. The others are jobs and what tries parked events
        /// again.
        let carries: Bool
        /// When it last found nothing to do.
        var idle: Stamp?
    }

    /// What a part looks at to know whether there is something to do: nothing else makes work for it.
    struct Stamp: Equatable {
        let commits: UInt64
        let log: Int
        let time: Int64
        let uptime: Int64
        let isArmed: Bool
    }

    /// Starts it; where that fails it is down.
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

    /// It ends where it is, and lets go of everything.
    func end() {
        life.isOver = true
        exchange?.close()
        exchange = nil
        parts = []
    }
}

/// One life of the program: from a start to the crash or stop after which none of its handles does anything.
// Unchecked: a run is one thread's doing (see ``World``).
final class Life: @unchecked Sendable {
    var isOver = false
}
