import Storage
import Values

/// Background work: a reassignment's next slice, the close of a day. A step is synchronous and short, and reads before
/// it writes: if there is no work, it writes nothing. The host calls it when it should wake, and again at once while it
/// returns that there is more. One step of a job runs at a time.
package struct Job: Sendable {
    package let name: String
    package let wakes: Wake
    package let step: @Sendable (_ database: any Database, _ environment: Environment) throws -> Progress

    package enum Progress: Sendable {
        /// Call again at once.
        case more
        /// There is nothing to do until something happens.
        case idle
    }

    /// What makes a job check for work.
    package enum Wake: Sendable, Hashable {
        /// Time only, in seconds: for expiring data, which does not depend on commits.
        case every(Double)
        /// A commit in the service's database, and also time, in seconds: for work that becomes due by itself, and for
        /// commits of other processes.
        case commits(orEvery: Double)

        package var seconds: Double {
            switch self {
            case .every(let seconds), .commits(let seconds): seconds
            }
        }

        package func isNow(afterCommit: Bool, seconds: Double) -> Bool {
            if case .commits = self, afterCommit { return true }
            return seconds >= self.seconds
        }
    }

    package init(
        _ name: String, wakes: Wake,
        step: @escaping @Sendable (_ database: any Database, _ environment: Environment) throws -> Progress
    ) {
        self.name = name
        self.wakes = wakes
        self.step = step
    }
}
