import Messaging
import Values
import Web

/// A service as the product knows it: its manifest. The product's one list names the types; settings, `config`,
/// contracts, databases, deployment and the tests' lists follow from it.
package protocol ServiceModule: Service {
    /// `tracker`: also its topic, its database, and its word on the command line.
    static var name: String { get }
    /// What can be configured of it.
    static var settings: Settings { get }
    associatedtype Settings: SettingGroup = NoSettings
    /// The events that it publishes, every version that is still understood, the newest of each first.
    static var publishes: [any Contract.Type] { get }
    /// How it is run where each service has processes of its own.
    static var deployment: Deployment { get }

    /// - Throws: ``SettingError``, and what the service's own templates are wrong in.
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
    /// Processes that share its partitions.
    package let processes: Int
    /// Whether it calls servers that are not the installation's own.
    package let reachesOut: Bool

    package init(processes: Int = 1, reachesOut: Bool = false) {
        self.processes = processes
        self.reachesOut = reachesOut
    }
}

/// What a process hands to each service that it makes.
package struct ServiceParts: Sendable {
    package let company: Company
    package let environment: Environment
    /// The installation's, 32 bytes.
    package let secret: [UInt8]
    package let settings: SettingValues
    package let log: any EventLog
    /// For what services ask each other.
    package let asker: any Asker
    package let outside: Outside
    /// Has a topic's publisher put into the log again what follows on a number in a partition.
    package let missing: MissingEvents

    /// By what events are known as the installation's.
    package var codes: EventCodes { log.codes }

    package init(
        company: Company, environment: Environment, secret: [UInt8], settings: SettingValues, log: any EventLog,
        asker: any Asker, outside: Outside, missing: @escaping MissingEvents
    ) {
        self.company = company
        self.environment = environment
        self.secret = secret
        self.settings = settings
        self.log = log
        self.asker = asker
        self.outside = outside
        self.missing = missing
    }

    /// The value of one of the service's settings.
    /// - Throws: ``SettingError``.
    package func setting<Value>(_ setting: some SettingDeclaration<Value>) throws -> Value {
        try settings.value(of: setting)
    }
}

/// Has a topic's publisher put into the log again what follows on a number in a partition.
package typealias MissingEvents = @Sendable (_ topic: Topic, _ partition: Int, _ after: Int64) -> Void
