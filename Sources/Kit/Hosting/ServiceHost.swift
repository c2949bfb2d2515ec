import Directory
import Logging
import Messaging
import ServiceKit
import Storage
import Synchronization
import Values

/// Runs one service: its relay, a subscription for each topic that it listens to, its jobs. Either on threads of its own
/// (``start()``), or a step at a time on the calling thread (``step()``), for tests and the simulator.
package final class ServiceHost: Sendable {
    package enum State: Sendable, Hashable {
        case healthy
        /// What cannot go on just now, and is tried again: where, and the error.
        case unhealthy([String: String])
    }

    package let service: any Service
    package let database: any Database
    let environment: Environment
    let log: any EventLog
    let logger: Logger
    let relay: Relay
    /// One for each topic that it listens to, or for each group of its partitions.
    let subscriptions: [Subscription]
    private let owner: Owner
    /// Who shares the topics' partitions.
    private let peers: Peers
    /// The jobs are one process's at a time.
    private let jobRight: Exclusive
    let errors = Mutex<[String: String]>([:])
    let threads: HostThreads
    private let feed: LiveFeed?
    /// The service's, and the Kit's own housekeeping.
    let jobs: [Job]

    /// - Parameter missing: hears of a gap in a topic that lasts: for asking the publisher's host to fill it again.
    package init(
        _ service: any Service, database: any Database, log: any EventLog, environment: Environment,
        owner: Owner = .embedded, feed: LiveFeed? = nil, logger: Logger? = nil,
        missing: @escaping @Sendable (_ topic: Topic, _ partition: Int, _ after: Int64) -> Void = { _, _, _ in }
    ) {
        self.service = service
        self.database = database
        self.environment = environment
        self.log = log
        var logger = logger ?? Logger(label: "host")
        logger[metadataKey: "service"] = "\(service.name)"
        self.logger = logger
        relay = Relay(
            journal: service.journal, database: database, log: log, environment: environment, owner: owner,
            published: { feed?.moved($0.name) })
        let watch = ReactionWatch(service: service.name, environment: environment, logger: logger)
        let topics = Set(service.reactions.map(\.topic)).sorted { $0.name < $1.name }
        let peers = Peers(database: database, environment: environment, owner: owner)
        let groups = owner.alone ? [0..<Topic.partitions] : Topic.groups
        subscriptions = topics.enumerated().flatMap { place, topic in
            groups.enumerated().map { turn, partitions in
                Subscription(
                    service: service.name, topic: topic, reactions: service.reactions, database: database, log: log,
                    environment: environment, owner: owner, partitions: partitions,
                    peers: owner.alone ? nil : peers, share: place + turn,
                    onParked: { envelope, transaction in
                        if topic == Topic.identity { try Directory.deny(envelope.key, in: transaction) }
                    }, observed: { watch.note($0, of: topic) }, missing: { missing(topic, $0, $1) })
            }
        }
        self.owner = owner
        self.peers = peers
        jobRight = Exclusive("jobs", database: database, environment: environment, owner: owner)
        threads = HostThreads(name: service.name)
        self.feed = feed
        jobs = service.jobs + ServiceHost.housekeeping(of: service)
    }

    /// Brings the schema up to date, lets the service prepare, and compares its numbers with the log. To be called once,
    /// before anything else.
    ///
    /// - Throws: ``NumbersBehindTopic``, what the service or the database threw. A log that is away is no reason not to
    ///   start: people work on, and their events wait (X43).
    package func prepare() throws {
        try database.migrate(for: service, now: environment.now())
        let journal = service.journal
        try database.write { try journal.expectKey(in: $0) }
        try service.prepare(database, environment)
        do {
            try relay.connect()
        } catch let error as NumbersBehindTopic {
            throw error
        } catch let error as StorageError {
            // The service's own database has just been written, so this is the log's.
            note("relay", error)
        }
    }

    /// Has events of this service's topic published again: the log lacks some after that place. Twice is no harm.
    package func publishAgain(_ place: LogPlace, in transaction: any Transaction) throws {
        logger.warning(
            "events are missing in the log and are published again",
            metadata: ["partition": "\(place.partition)", "after": "\(place.number)"])
        if owner.alone {
            // In its memory, which the transaction does not take back: if it was for nothing, duplicates fall away.
            relay.publishAgain(partition: place.partition, after: place.number)
        } else {
            // The relay may be in any process of the service.
            try Relay.publishAgain(partition: place.partition, after: place.number, in: transaction)
        }
    }

    /// Does everything that can be done now once: relays, applies, tries parked events again, runs jobs. Returns whether
    /// anything was done; `while try host.step() {}` comes to rest.
    package func step() throws -> Bool {
        var moved = false
        for part in parts where try part.turn() { moved = true }
        return moved
    }

    /// What runs on a thread of its own, or a part of it, to be taken a turn at a time.
    package struct Part: Sendable {
        /// `relay`, `topic tracker`, `parked tracker`, `job day-close`
        package let name: String
        /// Does one turn on the calling thread; whether anything was done.
        package let turn: @Sendable () throws -> Bool
    }

    /// All parts, in the order in which ``step()`` takes them.
    package var parts: [Part] {
        var parts = [Part(name: "relay") { [relay] in try relay.step() == .more }]
        for subscription in subscriptions {
            parts.append(Part(name: subscription.name) { try subscription.step() == .more })
            parts.append(Part(name: "parked \(subscription.topic)") { try subscription.retryParked() == .more })
        }
        parts += jobs.map { [jobRight, environment] job in
            Part(name: "job \(job.name)") {
                guard try jobRight.take() else { return false }
                do {
                    return try job.step(jobRight.database, environment) == .more
                } catch let error as LeaseLost {
                    jobRight.lose()
                    throw error
                }
            }
        }
        return parts
    }

    /// Says that this process lives, for itself and for what it does for all. Every half second on a thread of its own
    /// where the host has threads; by hand where it is stepped, and not in ``step()``: who only helps for a moment takes
    /// no share of the work.
    package func beat() throws {
        try peers.beat()
        try jobRight.beat()
    }

    /// Begins threads: one for the relay, one for each subscription, one for the jobs. Errors are logged, and tried
    /// again with growing pauses.
    package func start() {
        threads.begin("relay") { [self] in
            runRelay()
        }
        for subscription in subscriptions {
            threads.begin(subscription.name) { [self] in
                run(subscription)
            }
        }
        if !owner.alone {
            threads.begin("heart") { [self] in
                runHeart()
            }
        }
        threads.begin("jobs") { [self] in
            runJobs()
        }
    }

    /// Ends the threads after what they are doing, and gives up the leases. Returns when all have ended. What was
    /// committed and is not relayed yet waits for the next start.
    package func stop() {
        threads.end {
            for subscription in self.subscriptions { subscription.wake() }
            self.database.commits.note()
        }
        // A lease that can't be given up runs out by itself.
        try? peers.leave()
        try? relay.release()
        for subscription in subscriptions { try? subscription.release() }
        try? jobRight.release()
    }

    /// What its subscriptions complain of just now.
    package var alarms: [String] {
        let topics = Set(subscriptions.map(\.topic) + [service.topic]).sorted { $0.name < $1.name }
        return subscriptions.flatMap(\.status.alarms) + topics.flatMap(service.journal.codes.alarms)
    }

    package var state: State {
        let errors = errors.withLock { $0 }
        return errors.isEmpty ? .healthy : .unhealthy(errors)
    }

    func note(_ part: String, _ error: (any Error)?) {
        let isNew = errors.withLock { errors in
            let former = errors[part]
            errors[part] = error.map { "\($0)" }
            return former != errors[part]
        }
        guard isNew else { return }
        if let error {
            logger.error("\(part) has to wait", metadata: ["error": "\(error)"])
        } else {
            logger.info("\(part) goes on")
        }
    }
}

extension ServiceHost {
    /// Calls `turn` until the host stops; after an error again, with growing pauses. `turn` returns how many seconds
    /// to wait before the next.
    private func keep(_ part: String, _ turn: () throws -> Double) {
        var pause = 0.0
        while !threads.isEnding {
            do {
                let rest = try turn()
                if pause > 0 { note(part, nil) }
                pause = 0
                if rest > 0 { threads.rest(rest) }
            } catch {
                if threads.isEnding { return }
                pause = min(5, max(0.1, pause * 2))
                note(part, error)
                threads.rest(pause)
            }
        }
    }

    /// How long who is not meant to do something rests before it looks again, in seconds.
    private static let aside = 0.5
    /// How long, in seconds, who has carried or applied something rests where the servers are others' too: what comes
    /// meanwhile is taken together. A transaction over a network and a publication to three brokers cost much the same
    /// for one event as for fifty, so that under load this halves the work; and it is all that an event waits longer.
    private static let gather = 0.03
    /// How long, in seconds, a relay waits for commits that nobody tells it of: other processes write the journal too.
    private static let relayRest = 0.05
    /// How far apart jobs look, in seconds, where something is committed all the time; each is a read or several.
    private static let jobRest = 0.1
    /// The same where the servers are others' too.
    private static let sharedJobRest = 0.25

    private var gathering: Double { owner.alone ? 0 : ServiceHost.gather }

    /// Beats for this process, and for what it does for all.
    private func runHeart() {
        keep("heart") {
            try beat()
            return Peers.pulse
        }
    }

    private func runRelay() {
        keep("relay") {
            let seen = database.commits.count
            let lookedAt = environment.uptime()
            switch try relay.step() {
            case .more: return gathering
            case .blocked: return owner.alone ? 0.2 : ServiceHost.aside
            case .idle:
                let rest = owner.alone || peers.count == 1 ? 1 : ServiceHost.relayRest
                if !threads.isEnding { database.commits.wait(past: seen, atMost: rest) }
                // Not all that is committed is to be carried: to look costs a transaction too.
                return max(0, gathering - Double(environment.uptime() - lookedAt) / 1000)
            }
        }
    }

    private func run(_ subscription: Subscription) {
        var retriedAt: Int64 = .min
        keep(subscription.name) {
            let turn = try subscription.step(waiting: 0.5)
            // Asking for parked events is one look-up, but not one that each of many turns needs.
            let uptime = environment.uptime()
            if uptime &- retriedAt >= (owner.alone ? 500 : 1000) || retriedAt == .min {
                var retried = false
                while try subscription.retryParked() == .more, !threads.isEnding { retried = true }
                if retried { feed?.moved(service.name) }
                retriedAt = uptime
            }
            switch turn {
            case .more:
                // What others see of this service has changed, though it may have published nothing.
                feed?.moved(service.name)
                return gathering
            case .blocked: return owner.alone ? 0.1 : ServiceHost.aside
            case .idle: return 0
            }
        }
    }

    /// Whether the jobs are this process's to do.
    private func holdsJobs() -> Bool {
        do {
            let holds = try jobRight.take()
            note("jobs", nil)
            return holds
        } catch {
            note("jobs", error)
            return false
        }
    }

    /// All jobs in turn, each when it is to wake.
    private func runJobs() {
        var seen = database.commits.count
        var calledAt: [Int: Int64] = [:]
        var failed: [Int: (at: Int64, pause: Int64)] = [:]
        while !threads.isEnding {
            guard holdsJobs() else {
                threads.rest(ServiceHost.aside)
                continue
            }
            let count = database.commits.count
            let hasMoved = count != seen
            seen = count
            var more = false
            for (index, job) in jobs.enumerated() where !threads.isEnding {
                let uptime = environment.uptime()
                if let failed = failed[index], uptime - failed.at < failed.pause { continue }
                let isDue =
                    calledAt[index].map {
                        job.wakes.isNow(afterCommit: hasMoved, seconds: Double(uptime - $0) / 1000)
                    } ?? true
                guard isDue || failed[index] != nil else { continue }
                calledAt[index] = uptime
                do {
                    if try job.step(jobRight.database, environment) == .more {
                        more = true
                        feed?.moved(service.name)
                        calledAt[index] = nil
                    }
                    if failed.removeValue(forKey: index) != nil { note("job \(job.name)", nil) }
                } catch let error as LeaseLost {
                    logger.notice("\(error)")
                    jobRight.lose()
                    // Whoever has them next looks at all of them.
                    calledAt = [:]
                    break
                } catch {
                    if threads.isEnding { return }
                    failed[index] = (uptime, min(30_000, max(200, (failed[index]?.pause ?? 100) * 2)))
                    note("job \(job.name)", error)
                }
            }
            guard !more, !threads.isEnding else { continue }
            // Not more often than this, however much is committed: each job looks at the database each time.
            threads.rest(owner.alone ? ServiceHost.jobRest : ServiceHost.sharedJobRest)
            let shortest = jobs.map(\.wakes.seconds).min() ?? 1
            if !threads.isEnding { database.commits.wait(past: seen, atMost: min(shortest, 0.5)) }
        }
    }
}
