import Logging
import Messaging
import Storage
import Synchronization

/// What all connections of one log have in common.
final class Broker: Sendable {
    let settings: RabbitMQSettings
    let codes: EventCodes
    let logger: Logger
    /// The index of the address that the next connection tries first.
    private let turn = Atomic<Int>(0)
    private let losses = Atomic<Int>(0)
    private let closed = Atomic<Bool>(false)

    init(_ settings: RabbitMQSettings, codes: EventCodes, logger: Logger) {
        self.settings = settings
        self.codes = codes
        self.logger = logger
    }

    var isClosed: Bool { closed.load(ordering: .sequentiallyConsistent) }

    /// How many connections were lost. A reader that sees it change checks whether its own streams still deliver.
    var lossCount: Int { losses.load(ordering: .relaxed) }

    func close() {
        closed.store(true, ordering: .sequentiallyConsistent)
    }

    func noteLoss(of address: RabbitMQSettings.Address, _ reason: String) {
        losses.add(1, ordering: .relaxed)
        logger.notice("a connection was lost", metadata: ["broker": "\(address)", "error": "\(reason)"])
    }

    /// A connection for the streams of a topic, which are declared if they are missing. It goes to the next address
    /// that can be reached, so that the connections of a process are spread over the nodes.
    func connect(for topic: Topic, alarm: Alarm) throws -> BrokerConnection {
        guard !isClosed else { throw StorageError.closed }
        let count = settings.addresses.count
        let start = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        var failures: [String] = []
        for step in 0..<count {
            // After an address has refused, the next attempt begins with another one.
            let address = settings.addresses[(start &+ step) % count]
            do {
                let connection = try BrokerConnection(to: address, topic: topic, broker: self, alarm: alarm)
                try connection.declareStreams()
                return connection
            } catch StorageError.unavailable(let text) where !isClosed {
                failures.append(text)
            } catch  where isClosed {
                throw StorageError.closed
            }
        }
        throw StorageError.unavailable(failures.joined(separator: "; "))
    }
}
