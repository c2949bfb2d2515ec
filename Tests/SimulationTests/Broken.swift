import Foundation
import Hosting
import Messaging
import Schemas
import ServiceKit
import Simulation
import Storage
import Synchronization
import Values
import Web

/// Services that break a rule, each in one way: what the simulator must find.
struct Broken: Service {
    let inner: any Service
    var reactions: [Reaction]
    var jobs: [Job]
    /// What it does to its data at each start.
    var afterPreparing: (@Sendable (any Transaction) throws -> Void)?

    init(_ inner: any Service) {
        self.inner = inner
        reactions = inner.reactions
        jobs = inner.jobs
    }

    var name: String { inner.name }
    var journal: Journal { inner.journal }
    var migrations: [Migration] { inner.migrations }
    var audited: [any AuditedContract.Type] { inner.audited }
    var endpoints: [Endpoint] { inner.endpoints }
    var answers: [Endpoint] { inner.answers }
    var scope: String { inner.scope }
    var pages: PageSet { inner.pages }
    var navigation: [NavigationItem] { inner.navigation }
    var search: [String] { inner.search }
    var checks: [Check] { inner.checks }

    func prepare(_ database: any Database, _ environment: Values.Environment) throws {
        try inner.prepare(database, environment)
        if let afterPreparing { try database.write(afterPreparing) }
    }

    func restored(in transaction: any Transaction, at now: Instant) throws {
        try inner.restored(in: transaction, at: now)
    }

    // MARK: In which ways

    /// The old assignee gets the fee back.
    static let refunds = variant { service in
        guard service.name == "accounting" else { return service }
        var broken = Broken(service)
        broken.reactions = service.reactions.map { reaction in
            Reaction(toMany: reaction.events, of: reaction.topic) { envelopes, transaction in
                try reaction.apply(envelopes, transaction)
                struct Move: Decodable {
                    let old_assignee: ID
                }
                for envelope in envelopes where envelope.name == "task-reassigned" {
                    let move = try JSONDecoder().decode(Move.self, from: Data(envelope.data))
                    try transaction.send(
                        "UPDATE account SET balance = balance + 1000 WHERE id = \(move.old_assignee)")
                }
            }
        }
        return broken
    }

    /// The close doesn't ask whether the day is over.
    static let closesEarly = variant { service in
        var broken = Broken(service)
        broken.jobs = service.jobs.map { job in
            guard job.name == "day-close" else { return job }
            return Job(job.name, wakes: job.wakes) { database, environment in
                var hasty = environment
                hasty.now = { environment.now().adding(seconds: 26 * 3600) }
                return try job.step(database, hasty)
            }
        }
        return broken
    }

    /// The checkpoint is moved first, and what it stands for is done in another transaction.
    static let acknowledgesFirst = variant { service in
        guard service.name == "accounting" else { return service }
        let store = Store()
        var broken = Broken(service)
        broken.reactions = service.reactions.map { reaction in
            Reaction(toMany: reaction.events, of: reaction.topic) { envelopes, _ in store.add(reaction, envelopes) }
        }
        broken.jobs.append(
            Job("late", wakes: .commits(orEvery: 1)) { database, _ in
                guard let (reaction, envelopes) = store.next() else { return .idle }
                try database.write { try reaction.apply(envelopes, $0) }
                return .more
            })
        return broken
    }

    private final class Store: Sendable {
        private let waiting = Mutex<[(Reaction, [Envelope])]>([])
        func add(_ reaction: Reaction, _ envelopes: [Envelope]) {
            waiting.withLock { $0.append((reaction, envelopes)) }
        }
        func next() -> (Reaction, [Envelope])? { waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    static func variant(_ around: @escaping @Sendable (any Service) -> any Service) -> Variant {
        var variant = Variant()
        variant.service = around
        return variant
    }
}
