import Storage
import Values

/// Work that goes on by itself: a reassignment's next slice, the close of a day. A step is synchronous and short, and
/// reads before it writes: at rest it writes nothing. The host calls it when it is to wake, and again at once while it
/// says there is more. One step of a job runs at a time.
package struct Job: Sendable {
    package let name: String
    package let wakes: Wake
    package let step: @Sendable (_ database: any Database, _ environment: Environment) throws -> Progress

    package enum Progress: Sendable {
        /// Call again at once.
        case more
        /// Nothing to do until something happens.
        case idle
    }

    /// What has a job look whether there is work.
    package enum Wake: Sendable, Hashable {
        /// Time alone, in seconds: what is kept too long is no matter of commits.
        case every(Double)
        /// A commit in the service's database; and time, in seconds, for what becomes due by itself and for what another
        /// process has committed.
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
