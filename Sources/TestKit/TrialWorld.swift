import Hosting
import Messaging
import ServiceKit
import Storage
import Values

/// The databases of a publisher and a consumer, a log between them, and one thread that steps everything.
package final class TrialWorld: Sendable {
    package let publisher: any Database
    package let consumer: any Database
    package let log: any EventLog
    package let clock = SteppedClock()

    package var environment: Environment { clock.environment }

    package init(publisher: any Database, consumer: any Database, log: any EventLog) throws {
        self.publisher = publisher
        self.consumer = consumer
        self.log = log
        try publisher.migrate(Trial.migrations, kit: KitSchema.migrations(Journal(topic: Trial.topic)), now: clock.now)
        try consumer.migrate(Trial.migrations, kit: KitSchema.migrations(Journal(topic: Trial.topic)), now: clock.now)
    }

    package func relay(owner: Owner = .embedded) -> Relay {
        Relay(
            journal: Journal(topic: Trial.topic, codes: log.codes), database: publisher, log: log,
            environment: environment, owner: owner)
    }

    package func subscription(
        owner: Owner = .embedded, reactions: [Reaction] = Trial.reactions,
        partitions: Range<Int> = 0..<Topic.partitions, peers: Peers? = nil, share: Int = 0,
        missing: @escaping @Sendable (Int, Int64) -> Void = { _, _ in }
    ) -> Subscription {
        Subscription(
            service: "trial", topic: Trial.topic, reactions: reactions, database: consumer, log: log,
            environment: environment, owner: owner, partitions: partitions, peers: peers, share: share,
            onParked: { envelope, transaction in
                try transaction.send("INSERT INTO denied (key) VALUES (\(envelope.key)) ON CONFLICT (key) DO NOTHING")
            }, missing: missing)
    }

    package func happen(_ keys: [ID], serial: Int) throws {
        try Trial.happen(keys, serial: serial, in: publisher, environment)
    }

    /// Steps both until nothing moves.
    package func settle(_ relay: Relay, _ subscription: Subscription) throws {
        var moves = 0
        while true {
            let relayed = try relay.step()
            let applied = try subscription.step()
            let retried = try subscription.retryParked()
            if relayed != .more && applied != .more && retried != .more { return }
            moves += 1
            guard moves < 10_000 else { throw StorageError.failed("it does not come to rest") }
        }
    }

    /// The numbers in the journal, by partition, in the database's order.
    package func numbers() throws -> [Int: [Int64?]] {
        try publisher.read { transaction in
            var all: [Int: [Int64?]] = [:]
            for row in try transaction.fetch("SELECT partition, number FROM journal ORDER BY position") {
                all[try row(0), default: []].append(try row(1))
            }
            return all
        }
    }
}
