import ArgumentParser
import Foundation
import Logging

struct ServeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the pages and the API, and do the work, until Ctrl-C.",
        discussion: "Prints `Ready on ADDRESS` when it takes requests. Ends in order on SIGINT and SIGTERM.")

    @OptionGroup var options: FolderOptions
    @Option(help: "Address and port; port 0 takes a free one.") var listen: String?
    @Option(help: "Where people reach the pages.") var publicAddress: String?
    @Option(help: "The services to run here, separated by commas, where they are spread over processes.")
    var services: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical.") var logLevel: String?

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(
                options,
                flags: [
                    "listen": listen, "public-address": publicAddress, "services": services, "log-level": logLevel,
                ])
            let name = try settings.required("log-level")
            guard let level = Logger.Level(rawValue: name) else {
                throw Failure(.configuration, "log-level must be one of \(Logger.Level.allCases.map(\.rawValue))")
            }
            LoggingSystem.bootstrap { JSONLog(label: $0, level: level) }
            try await Server.run(settings)
        }
    }
}
