import Foundation
import Values

/// How an installation is spread over processes: on PostgreSQL databases, with a broker between them.
package struct SpreadSettings: Sendable {
    /// A libpq address or conninfo, with `{service}` where a service's name belongs.
    let database: String
    /// The same for replicas that pages may be read from.
    let replica: String?
    /// Where the event log is: `amqps://…`, several of a cluster.
    let log: [String]
    /// Who vouches for it: a PEM file.
    let logAuthorities: String?
    /// The services that this process runs, producers first.
    package let services: [String]
    /// Where the processes are that run each service; empty where it is not said.
    let upstreams: [String: [String]]

    /// A database's address.
    package func address(of service: String) -> String { SpreadSettings.address(database, service) }

    /// Its replica's, where there is one.
    func replica(of service: String) -> String? { replica.map { SpreadSettings.address($0, service) } }

    private static func address(_ template: String, _ service: String) -> String {
        template.replacing("{service}", with: service)
    }
}

extension Settings {
    /// `nil` where all services run in one process, on the folder.
    /// - Throws: ``Failure`` that names the setting that is wrong or missing.
    package func spread() throws -> SpreadSettings? {
        func list(_ name: String) -> [String] {
            (find(name)?.value ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        }
        let database = find("database")?.value ?? ""
        let log = list("log")
        guard !database.isEmpty else {
            for name in ["log", "log-authorities", "read-from", "services"] where find(name)?.value.isEmpty == false {
                throw Failure(
                    .configuration,
                    "\(name) is set and database is not: without PostgreSQL all services run in one process, on the folder"
                )
            }
            return nil
        }
        guard !log.isEmpty else {
            throw Failure(
                .configuration,
                "database is set and log is not: services on PostgreSQL talk through a broker. Set log to its address, "
                    + "such as amqps://popug:…@broker.example.com, or unset database")
        }
        guard list("identity-address").isEmpty else {
            throw Failure(
                .configuration,
                "identity-address is gone: unset it, and set upstreams to where all services are, as for the gateway")
        }
        let services = list("services")
        if let unknown = services.first(where: { !Exchange.names.contains($0) }) {
            throw Failure(
                .configuration, "services: there is no \(unknown); there are \(Exchange.names.joined(separator: ", "))")
        }
        return SpreadSettings(
            database: try template("database", database),
            replica: try find("read-from").flatMap { $0.value.isEmpty ? nil : try template("read-from", $0.value) },
            log: log,
            logAuthorities: (find("log-authorities")?.value).flatMap { $0.isEmpty ? nil : $0 },
            services: services.isEmpty ? Exchange.names : Exchange.names.filter(services.contains),
            upstreams: find("upstreams")?.value.isEmpty == false ? try upstreams() : [:])
    }

    private func template(_ name: String, _ value: String) throws -> String {
        guard value.contains("{service}") else {
            throw Failure(
                .configuration,
                "\(name) must have {service} in it, for each service has a database of its own: "
                    + "postgres://popug@db.example.com/popug_{service}")
        }
        return value
    }

    /// For verbs that are about the folder's files.
    func requireFolder(_ verb: String, instead: String) throws {
        guard try spread() != nil else { return }
        throw Failure(.usage, "`popug \(verb)` is for an installation in a folder. \(instead)")
    }
}

extension Setting {
    /// A value as it may be shown: without the passwords of addresses.
    static func shown(_ name: String, _ value: String) -> String {
        if masked.contains(name) { return "••••••••" }
        guard ["database", "read-from", "log"].contains(name) else { return value }
        return value.replacing(#/:[^:@\/,]*@/#, with: ":••••@").replacing(
            #/password=('[^']*'|\S+)/#, with: "password=••••")
    }
}
