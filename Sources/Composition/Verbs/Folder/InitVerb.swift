import ArgumentParser
import Foundation
import Storage
import Values

struct InitVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new, empty installation with its first admin.",
        discussion: "Asks on a terminal for what is not given; elsewhere it takes the defaults that `config` shows.")

    @OptionGroup var options: FolderOptions
    @Option(help: "The company's name.") var company: String?
    @Option(help: "Currency, ISO 4217, such as EUR.") var currency: String?
    @Option(help: "IANA time zone of the business day, such as Europe/Berlin.") var timeZone: String?
    @Option(help: "Hour at which a business day ends, 0 to 23.") var closingHour: String?
    @Option(help: "Where people reach the pages, such as https://popug.example.com.") var publicAddress: String?
    @Option(help: "The first admin's name.") var adminName: String?
    @Option(help: "The first admin's e-mail address.") var adminEmail: String?
    @Option(help: "A file with the first admin's password; - for standard input.") var adminPasswordFile: String?
    @Option(help: "PostgreSQL instead of the folder, a database a service: postgres://popug@db/popug_{service}.")
    var database: String?
    @Option(help: "The broker, with --database: amqps://user:password@host.") var log: String?
    @Option(help: "A PEM file of the authorities that vouch for the broker; the system's where it is not given.")
    var logAuthorities: String?
    @Flag(help: "Create missing databases.") var create = false
    @Flag(help: "A demonstration company instead: ten people and a few past days of work.") var demo = false

    func validate() throws {
        if demo {
            let given = [
                ("company", company), ("currency", currency), ("time-zone", timeZone), ("closing-hour", closingHour),
                ("public-address", publicAddress), ("admin-name", adminName), ("admin-email", adminEmail),
                ("admin-password-file", adminPasswordFile), ("database", database), ("log", log),
                ("log-authorities", logAuthorities),
                ("create", create ? "" : nil),
            ].filter { $0.1 != nil }.map { "--\($0.0)" }
            guard given.isEmpty else {
                throw ValidationError(
                    "--demo makes a company of its own: leave \(given.joined(separator: ", ")) away.")
            }
        }
        if create, !hasDatabase { throw ValidationError("--create goes with --database.") }
        if logAuthorities != nil, !hasDatabase { throw ValidationError("--log-authorities goes with --log.") }
        let hasLog = InitVerb.isGiven(log, "POPUG_LOG")
        if hasLog != hasDatabase { throw ValidationError("--database and --log go together.") }
    }

    /// Whether the installation uses databases on a server, by a flag or by the environment, in the order of
    /// ``Settings``.
    private var hasDatabase: Bool { InitVerb.isGiven(database, "POPUG_DATABASE") }

    private static func isGiven(_ flag: String?, _ variable: String) -> Bool {
        flag != nil || ProcessInfo.processInfo.environment[variable]?.isEmpty == false
    }

    func run() async throws {
        try await Verb.run {
            let folder = Verb.folder(options)
            try DataFolder.checkIsNew(folder)
            if !hasDatabase { try DataFolder.checkSocket(of: folder) }
            if demo {
                try await Demonstration.make(in: folder)
                return
            }
            let (settings, admin) = try InitQuestions(
                settings: [
                    "company": company, "currency": currency, "time-zone": timeZone, "closing-hour": closingHour,
                    "public-address": publicAddress, "database": database, "log": log,
                    "log-authorities": logAuthorities,
                ].compactMapValues { $0 },
                name: adminName, email: adminEmail, passwordFile: adminPasswordFile
            ).answers()
            try await InitVerb.make(folder, settings: settings, admin: admin, create: create)
            Terminal.say("An installation for \(settings["company"] ?? "") is in \(folder).")
            if database != nil {
                Terminal.say(
                    "Copy the folder to each machine; start there: popug serve --services NAMES --data \(folder)")
            } else {
                Terminal.say("Start it with: popug serve --data \(folder)")
            }
            Terminal.say("Keep a copy of \(folder)/\(DataFolder.secretName) somewhere safe: nothing works without it.")
        }
    }

    /// Makes the folder and its first admin. If the admin is refused, no folder is left behind.
    private static func make(
        _ folder: String, settings values: [String: String], admin: InitQuestions.Admin, create: Bool
    ) async throws {
        let existed = try TextFile.exists(folder)
        let environment = Environment.live()
        try DataFolder.create(folder, settings: values, environment: environment)
        do {
            let settings = try await Settings(folder: folder, flags: [:])
            if let cluster = try settings.cluster() {
                return try make(settings, cluster, admin: admin, create: create)
            }
            try make(settings, admin: admin)
        } catch {
            if existed {
                try? FileManager.default.removeItem(atPath: folder + "/" + DataFolder.configurationName)
                try? FileManager.default.removeItem(atPath: folder + "/" + DataFolder.secretName)
            } else {
                try? FileManager.default.removeItem(atPath: folder)
            }
            throw error
        }
    }

    private static func make(_ settings: Settings, admin: InitQuestions.Admin) throws {
        let installation = try Installation(settings)
        defer { installation.close() }
        try installation.exchange.createFirstAdmin(
            name: admin.name, email: admin.email, password: admin.password)
        try installation.exchange.settle()
    }

    /// Makes the databases' schemas, and the first admin in them. Events that could not reach the broker yet wait for
    /// the first process.
    private static func make(
        _ settings: Settings, _ cluster: ClusterSettings, admin: InitQuestions.Admin, create: Bool
    ) throws {
        try MigrateVerb.migrate(settings, cluster, create: create)
        let node = try ClusterNode(settings, cluster, all: true)
        defer { node.close() }
        try node.exchange.createFirstAdmin(name: admin.name, email: admin.email, password: admin.password)
        do {
            try node.exchange.settle()
        } catch let error as StorageError {
            Terminal.complain("Not every service knows the first admin yet: \(error)")
        }
    }
}
