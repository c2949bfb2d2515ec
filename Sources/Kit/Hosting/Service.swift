import Directory
import Messaging
import Storage
import Values
import Web

/// The face of a service: what it owns, listens to, publishes, serves and schedules. Everything that runs a service
/// (the server, the simulator, a test, `verify`) works with this and knows no more.
package protocol Service: Sendable {
    /// `tracker`: also its topic, its database, and its word on the command line.
    var name: String { get }
    var journal: Journal { get }
    /// Steps of its own tables; the kit's come before them, see ``KitSchema``.
    var migrations: [Migration] { get }
    var reactions: [Reaction] { get }
    var endpoints: [Endpoint] { get }
    /// What a program's token needs for changes here, one of ``Scope``.
    var scope: String { get }
    var pages: PageSet { get }
    var navigation: [NavigationItem] { get }
    var jobs: [Job] { get }
    var checks: [Check] { get }
    /// What it answers when other services ask: each a ``Question``.
    var answers: [Endpoint] { get }

    /// Refuses a secret that is not the installation's, where the service's own tables tell; they may not be there yet.
    /// Called before its events get codes, which cannot be taken back.
    func expectSecret(in transaction: any Transaction) throws

    /// Runs once before anything else at each start, after the migrations: first rows, refusing a wrong secret.
    func prepare(_ database: any Database, _ environment: Environment) throws

    /// What it counts in its own data for `/metrics`, each time that those are read: a look at an index, not at a table.
    func gauges(in transaction: any Transaction) throws -> [Gauge]

    /// Runs once in a database that was just put back from a backup, after the migrations and before anything else: what
    /// would leave the house (money, letters) is held here until a person has looked.
    func restored(in transaction: any Transaction, at now: Instant) throws
}

extension Service {
    package var topic: Topic { journal.topic }
    package var scope: String { Scope.operations }
    package var answers: [Endpoint] { [] }
    package func expectSecret(in transaction: any Transaction) throws {}
    package func prepare(_ database: any Database, _ environment: Environment) throws {}
    package func restored(in transaction: any Transaction, at now: Instant) throws {}
    package func gauges(in transaction: any Transaction) throws -> [Gauge] { [] }
}

/// A figure that is asked for when the metrics are read: a lag, a ledger's total.
package struct Gauge: Sendable {
    package let name: String
    package let about: String
    package let labels: [(String, String)]
    package let value: Double

    package init(_ name: String, _ about: String, labels: [(String, String)] = [], value: Double) {
        self.name = name
        self.about = about
        self.labels = labels
        self.value = value
    }
}

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

        var seconds: Double {
            switch self {
            case .every(let seconds), .commits(let seconds): seconds
            }
        }

        func isNow(afterCommit: Bool, seconds: Double) -> Bool {
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

/// A part of `popug verify`: an invariant over one service's own data, or one that compares it with what its
/// publishers wrote.
package struct Check: Sendable {
    package let name: String
    package let run: @Sendable (_ snapshots: Snapshots, _ report: inout Findings) throws -> Void

    package init(
        _ name: String, run: @escaping @Sendable (_ snapshots: Snapshots, _ report: inout Findings) throws -> Void
    ) {
        self.name = name
        self.run = run
    }
}

/// Read transactions on the databases of all services, opened consumers first.
package struct Snapshots {
    private let transactions: [String: any Transaction]

    package init(_ transactions: [String: any Transaction]) {
        self.transactions = transactions
    }

    /// - Throws: ``StorageError/unavailable(_:)`` for a service that is not there.
    package func of(_ service: String) throws -> any Transaction {
        guard let transaction = transactions[service] else {
            throw StorageError.unavailable("no database of \(service) to check")
        }
        return transaction
    }

    package func has(_ service: String) -> Bool { transactions[service] != nil }
}

/// What `verify` counted and what it found wrong.
package struct Findings: Sendable {
    /// `tasks: 14011`, in the order in which they were counted.
    package private(set) var counts: [(what: String, count: Int64)] = []
    package private(set) var problems: [String] = []
    /// How many were found in all; `problems` keeps the first 100 of each check.
    package private(set) var found = 0
    private var kept = 0

    package init() {}

    package mutating func count(_ what: String, _ count: Int64) {
        counts.append((what, count))
    }

    /// Says what is wrong and where: names the row, the expected and the actual value.
    package mutating func problem(_ text: String) {
        found += 1
        kept += 1
        if kept <= 100 { problems.append(text) }
    }

    package mutating func nextCheck() { kept = 0 }
}
