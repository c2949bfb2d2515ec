import ArgumentParser
import Foundation
import Hosting
import Logging
import Messaging
import PostgreSQLDriver
import RabbitMQDriver
import ServiceKit
import Storage
import Values

struct MigrateVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the services' PostgreSQL databases up to this version.",
        discussion: """
            Every process does so for its own services when it starts, and any number may do it at once; as a step of \
            its own it comes before the first process of a new version. With --create, databases that are missing are \
            created first, where the user may do that. With --restored, after the databases were put back from a backup \
            and before any process starts: what would leave the house is held until an accountant releases it, \
            everyone signs in again, and the broker's topics are emptied, for the journals to fill them again.
            """)

    @OptionGroup var options: FolderOptions
    @Flag(help: "Create missing databases.") var create = false
    @Flag(help: "The databases were just put back from a backup.") var restored = false

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(options)
            guard let cluster = try settings.cluster() else {
                throw Failure(
                    .usage, "`popug migrate` is for PostgreSQL; a folder is brought up to date by `popug serve`.")
            }
            if restored { try MigrateVerb.restored(settings, cluster) }
            try MigrateVerb.migrate(settings, cluster, create: create)
            Terminal.say("All \(Services.names.count) databases are at this version.")
        }
    }

    /// Creates missing databases if asked to, and prepares every service's database.
    static func migrate(_ settings: Settings, _ cluster: ClusterSettings, create: Bool) throws {
        if create {
            for name in Services.names {
                if try PostgreSQLServer.createIfMissing(cluster.address(of: name)) {
                    Terminal.say("created the database of \(name)")
                }
            }
        }
        let node = try ClusterNode(settings, cluster, all: true)
        node.close()
    }

    /// Does what is needed once after databases were put back to an earlier moment than the world around them.
    private static func restored(_ settings: Settings, _ cluster: ClusterSettings) throws {
        let environment = Environment.live()
        let logger = Logger(label: "popug")
        let codes = try Installation.codes(settings, environment: environment)
        let parts = try Installation.parts(settings, log: NoLog(codes: codes), environment: environment)
        for service in try Exchange.services(parts) {
            let database = PostgreSQLDatabase(
                name: service.name, options: PostgreSQLOptions(connection: cluster.address(of: service.name)),
                logger: logger)
            defer { database.close() }
            let now = environment.now()
            try database.migrate(for: service, now: now)
            try database.write { try service.restored(in: $0, at: now) }
        }
        let log = try BrokerLog.open(cluster, codes: codes, logger: logger, environment: environment)
        defer { log.close() }
        guard let broker = log as? RabbitMQLog else { return }
        for name in Services.names { try broker.delete(Topic(name)) }
        Terminal.say("Payouts and letters are held until an accountant releases them; nobody is signed in.")
    }
}
