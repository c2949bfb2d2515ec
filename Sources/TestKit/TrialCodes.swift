import Composition
import Logging
import Messaging
import Storage
import Synchronization
import Values

extension EventCodes {
    /// From the test installation's secret. Salts are not random, and each is different.
    package static let trial = trial(acceptsMissing: false)

    package static func trial(acceptsMissing: Bool, secret: [UInt8] = TestExchange.secret) -> EventCodes {
        EventCodes(
            secret: secret, personal: Services.personalFields, acceptsMissing: acceptsMissing,
            random: { salts.withLock { $0.next() } },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}

private let salts = Mutex(SplitMix64(seed: 0x5A17))

extension Journal {
    /// A journal of the test installation.
    package init(topic: Topic, alsoAs: Set<String> = []) {
        self.init(topic: topic, codes: .trial, alsoAs: alsoAs)
    }

    /// Gives new codes to changed data, as if what a test has changed in a journal, or among the parked events beside
    /// it, had been written like that.
    package func retell(in transaction: any Transaction) throws {
        for table in ["journal", "parked"] {
            try transaction.send(SQL(text: "UPDATE \(table) SET code = NULL, number_code = NULL", values: []))
        }
        try giveCodes(in: transaction)
        try Parked.giveCodes(codes, in: transaction)
    }
}

extension Envelope {
    /// The envelope with the test installation's codes.
    package var coded: Envelope { EventCodes.trial.given(to: self) }
}
