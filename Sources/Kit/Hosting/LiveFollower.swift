import Messaging
import ServiceKit
import Storage
import Synchronization
import Values

/// Moves the pages that a process serves when other processes have moved the data: follows the ends of all topics,
/// without a lease, and looks at the checkpoints of its own services, which others of their processes move as well.
/// Only while somebody looks at a live page; what moved before that is unknown, so all is said to have moved at first.
package final class LiveFollower: Sendable {
    /// How often the services' own databases are looked at, and whether anybody listens, in seconds.
    private static let every = 0.5

    private let topics: [Topic]
    private let hosts: [ServiceHost]
    private let log: any EventLog
    private let feed: LiveFeed
    private let threads = HostThreads(name: "live")
    private let readers = Mutex<[Topic: any EventReader]>([:])

    package init(topics: [Topic], hosts: [ServiceHost], log: any EventLog, feed: LiveFeed) {
        self.topics = topics
        self.hosts = hosts
        self.log = log
        self.feed = feed
    }

    package func start() {
        for topic in topics {
            threads.begin("end of \(topic)") { [self] in
                while !threads.isEnding { follow(topic) }
            }
        }
        for host in hosts {
            threads.begin("own \(host.service.name)") { [self] in
                var last: Int64?
                while !threads.isEnding {
                    if feed.listeners > 0, let sum = try? host.applied() {
                        if last != sum { feed.moved(host.service.name) }
                        last = sum
                    }
                    threads.rest(LiveFollower.every)
                }
            }
        }
    }

    package func stop() {
        threads.end {
            for reader in self.readers.withLock({ Array($0.values) }) { reader.wake() }
        }
    }

    /// Reads the end of a topic for as long as somebody listens and nothing goes wrong; then rests a moment.
    private func follow(_ topic: Topic) {
        defer { readers.withLock { $0[topic] = nil } }
        guard feed.listeners > 0, let reader = try? reader(of: topic) else { return threads.rest(LiveFollower.every) }
        readers.withLock { $0[topic] = reader }
        feed.moved(topic.name)
        while !threads.isEnding, feed.listeners > 0 {
            guard let found = try? reader.next(limit: 1000, waiting: 1) else { return threads.rest(LiveFollower.every) }
            if !found.isEmpty { feed.moved(topic.name) }
        }
    }

    private func reader(of topic: Topic) throws -> any EventReader {
        var tails: [Int: Int64] = [:]
        for partition in 0..<Topic.partitions { tails[partition] = try log.tail(of: topic, partition: partition) }
        return try log.reader(of: topic, after: tails)
    }
}

extension ServiceHost {
    /// How many events the service has applied and published, by whichever of its processes.
    fileprivate func applied() throws -> Int64 {
        let reads = !subscriptions.isEmpty
        return try database.read { transaction in
            let published = try transaction.fetch("SELECT published FROM journal_cursor LIMIT 100")
            let applied = reads ? try transaction.fetch("SELECT number FROM checkpoint LIMIT 1000") : []
            return try (published + applied).reduce(Int64(0)) { $0 + (try $1(0)) }
        }
    }
}
