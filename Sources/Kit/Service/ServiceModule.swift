import Schemas

/// A service as the product knows it: its manifest. The product has one list of these types. Settings, `config`,
/// contracts, databases, deployment and the tests' lists are all derived from it.
package protocol ServiceModule: Service {
    /// `tracker`: also the name of its topic and database, and its word on the command line.
    static var name: String { get }
    /// What can be configured of it.
    static var settings: Settings { get }
    associatedtype Settings: SettingGroup = NoSettings
    /// The events that it publishes, every version that is still understood, the newest of each first; without those
    /// that every service publishes (``KitEvents``).
    static var publishes: [any Contract.Type] { get }
    /// How the service is run if each service has its own processes.
    static var deployment: Deployment { get }

    /// - Throws: ``SettingError``, and errors in the service's own templates.
    init(_ parts: ServiceParts) throws
}

extension ServiceModule {
    package var name: String { Self.name }
    package static var publishes: [any Contract.Type] { [] }
    package var audited: [any AuditedContract.Type] {
        (Self.publishes + KitEvents.all).compactMap { $0 as? any AuditedContract.Type }
    }
    package static var deployment: Deployment { Deployment() }
}

extension ServiceModule where Settings == NoSettings {
    package static var settings: NoSettings { NoSettings() }
}
