import Messaging
import Values
import Web

/// What a process passes to each service that it makes.
package struct ServiceParts: Sendable {
    package let company: Company
    package let environment: Environment
    /// The installation's secret, 32 bytes.
    package let secret: [UInt8]
    package let settings: SettingValues
    package let log: any EventLog
    /// For questions to other services.
    package let asker: any Asker
    package let outbound: Outbound
    /// Asks a topic's publisher to put the events after a number in a partition into the log again.
    package let missing: MissingEvents

    /// The codes that prove that events are the installation's.
    package var codes: EventCodes { log.codes }

    package init(
        company: Company, environment: Environment, secret: [UInt8], settings: SettingValues, log: any EventLog,
        asker: any Asker, outbound: Outbound, missing: @escaping MissingEvents
    ) {
        self.company = company
        self.environment = environment
        self.secret = secret
        self.settings = settings
        self.log = log
        self.asker = asker
        self.outbound = outbound
        self.missing = missing
    }

    /// The value of one of the service's settings.
    /// - Throws: ``SettingError``.
    package func setting<Value>(_ setting: some SettingDeclaration<Value>) throws -> Value {
        try settings.value(of: setting)
    }
}

/// Asks a topic's publisher to put the events after a number in a partition into the log again.
package typealias MissingEvents = @Sendable (_ topic: Topic, _ partition: Int, _ after: Int64) -> Void
