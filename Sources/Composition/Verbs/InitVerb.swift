import ArgumentParser
import Foundation
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
    @Flag(help: "A demonstration company instead: ten people and a few past days of work.") var demo = false

    func run() async throws {
        try await Verb.run {
            let folder = Verb.folder(options)
            if demo {
                try await Demonstration.make(in: folder)
                return
            }
            guard !DataFolder.exists(folder) else {
                throw Failure(.refused, "\(folder) holds an installation already; nothing was changed.")
            }
            let settings = ask()
            guard let name = adminName ?? Terminal.ask("First admin's name"),
                let email = adminEmail ?? Terminal.ask("First admin's e-mail")
            else { throw Failure(.usage, "Give --admin-name and --admin-email.") }
            guard
                let password = try Verb.password(
                    file: adminPasswordFile, question: "First admin's password, at least 12 characters")
            else { throw Failure(.usage, "Give --admin-password-file (or - for standard input).") }
            try await InitVerb.make(folder, settings: settings, admin: (name, email, password))
            Terminal.say("An installation for \(settings["company"] ?? "") is in \(folder).")
            Terminal.say("Start it with: popug serve --data \(folder)")
            Terminal.say("Keep a copy of \(folder)/\(DataFolder.secretName) somewhere safe: nothing works without it.")
        }
    }

    private func ask() -> [String: String] {
        func value(_ given: String?, _ setting: String, _ question: String) -> String {
            let standard = Setting.all.first { $0.name == setting }?.standard ?? ""
            return given ?? Terminal.ask(question, standard: standard) ?? standard
        }
        return [
            "company": value(company, "company", "Company"),
            "currency": value(currency, "currency", "Currency"),
            "time-zone": value(timeZone, "time-zone", "Time zone"),
            "closing-hour": value(closingHour, "closing-hour", "Closing hour"),
            "public-address": value(publicAddress, "public-address", "Public address"),
        ]
    }

    /// Makes the folder and its first admin; a folder whose admin is refused is not left behind.
    private static func make(
        _ folder: String, settings values: [String: String], admin: (name: String, email: String, password: String)
    ) async throws {
        let existed = FileManager.default.fileExists(atPath: folder)
        let environment = Environment.live()
        try DataFolder.create(folder, settings: values, environment: environment)
        do {
            let installation = try Installation(try await Settings(folder: folder, flags: [:]))
            defer { installation.close() }
            try installation.exchange.createFirstAdmin(
                name: admin.name, email: admin.email, password: admin.password)
            try installation.exchange.settle()
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
}
