import Foundation
import Values

/// How an installation is spread over processes, with PostgreSQL databases and a broker between them.
package struct ClusterSettings: Sendable {
    /// A libpq address or conninfo, with `{service}` in place of the service's name.
    let database: String
    /// The same for replicas that pages may be read from.
    let replica: String?
    /// The addresses of the event log: `amqps://…`, several for a cluster.
    let log: [String]
    /// The authorities that certify the broker: a PEM file.
    let logAuthorities: String?
    /// The services that this process runs, producers first.
    package let services: [String]
    /// The addresses of the processes that run each service; empty if not set.
    let upstreams: [String: [String]]

    /// The address of a service's database.
    package func address(of service: String) -> String { ClusterSettings.address(database, service) }

    /// The address of the database's replica, if there is one.
    func replica(of service: String) -> String? { replica.map { ClusterSettings.address($0, service) } }

    private static func address(_ template: String, _ service: String) -> String {
        template.replacing("{service}", with: service)
    }
}

extension Settings {
    /// `nil` if all services run in one process, on the folder.
    /// - Throws: ``Failure`` that names the setting that is wrong or missing.
    package func cluster() throws -> ClusterSettings? {
        guard let database = try value(of: Settings.house.database) else {
            for name in ["log", "log-authorities", "read-from", "services"] where find(name)?.value.isEmpty == false {
                throw Failure(
                    .configuration,
                    "\(name) is set and database is not: without PostgreSQL all services run in one process, on the folder"
                )
            }
            return nil
        }
        let log = try value(of: Settings.house.log)
        guard !log.isEmpty else {
            throw Failure(
                .configuration,
                "database is set and log is not: services on PostgreSQL talk through a broker. Set log to its address, "
                    + "such as amqps://popug:…@broker.example.com, or unset database")
        }
        guard try value(of: Settings.house.identityAddress) == nil else {
            throw Failure(
                .configuration,
                "identity-address is gone: unset it, and set upstreams to where all services are, as for the gateway")
        }
        let services = try value(of: Settings.house.services)
        return ClusterSettings(
            database: database, replica: try value(of: Settings.house.readFrom), log: log,
            logAuthorities: try value(of: Settings.house.logAuthorities),
            services: services.isEmpty ? Services.names : Services.names.filter(services.contains),
            upstreams: try value(of: Settings.house.upstreams) ?? [:])
    }

    /// For verbs that work on the folder's files.
    func requireFolder(_ verb: String, instead: String) throws {
        guard try cluster() != nil else { return }
        throw Failure(.usage, "`popug \(verb)` is for an installation in a folder. \(instead)")
    }
}
