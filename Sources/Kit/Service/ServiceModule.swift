import Messaging
import Schemas
import Values
import Web

/// A service as the product knows it: its manifest. The product has one list of these types. Settings, `config`,
/// contracts, databases, deployment and the tests' lists are all derived from it.
package protocol ServiceModule: Service {
    /// `tracker`: also the name of its topic and database, and its word on the command line.
    static var name: String { get }
    /// What can be configured of it.
    static var settings: Settings { get }
    associatedtype Settings: SettingGroup = NoSettings
    /// The events that it publishes, every version that is still understood, the newest of each first.
    static var publishes: [any Contract.Type] { get }
    /// How the service is run if each service has its own processes.
    static var deployment: Deployment { get }

    /// - Throws: ``SettingError``, and errors in the service's own templates.
    init(_ parts: ServiceParts) throws
}

extension ServiceModule {
    package var name: String { Self.name }
    package static var publishes: [any Contract.Type] { [] }
    package static var deployment: Deployment { Deployment() }
}

extension ServiceModule where Settings == NoSettings {
    package static var settings: NoSettings { NoSettings() }
}

/// How a service is run where each has processes of its own: for the files in `deploy/`, and `make cluster`.
package struct Deployment: Sendable {
    /// The number of processes that share its partitions.
    package let processes: Int
    /// Whether it calls servers that are not the installation's own.
    package let reachesOut: Bool

    package init(processes: Int = 1, reachesOut: Bool = false) {
        self.processes = processes
        self.reachesOut = reachesOut
    }
}

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
