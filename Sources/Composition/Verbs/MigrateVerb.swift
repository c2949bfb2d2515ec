import ArgumentParser
import Foundation
import PostgreSQLDriver

struct MigrateVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the services' PostgreSQL databases up to this version.",
        discussion: """
            Every process does so for its own services when it starts, and any number may do it at once; as a step of \
            its own it comes before the first process of a new version. With --create, databases that are missing are \
            created first, where the user may do that.
            """)

    @OptionGroup var options: FolderOptions
    @Flag(help: "Create missing databases.") var create = false

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(options)
            guard let spread = try settings.spread() else {
                throw Failure(
                    .usage, "`popug migrate` is for PostgreSQL; a folder is brought up to date by `popug serve`.")
            }
            try MigrateVerb.migrate(settings, spread, create: create)
            Terminal.say("All \(Exchange.names.count) databases are at this version.")
        }
    }

    /// Creates what is missing, if asked to, and prepares every service's database.
    static func migrate(_ settings: Settings, _ spread: SpreadSettings, create: Bool) throws {
        if create {
            for name in Exchange.names {
                if try PostgreSQLServer.createIfMissing(spread.address(of: name)) {
                    Terminal.say("created the database of \(name)")
                }
            }
        }
        let member = try Member(settings, spread, all: true)
        member.close()
    }
}
