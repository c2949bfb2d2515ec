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
    @Option(help: "Proxies before it whose X-Forwarded-For is believed: 127.0.0.1,10.0.0.0/8.")
    var trustedProxies: String?
    @Option(help: "The services to run here, separated by commas, where they are spread over processes.")
    var services: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical.") var logLevel: String?

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(
                options,
                flags: [
                    "listen": listen, "public-address": publicAddress, "trusted-proxies": trustedProxies,
                    "services": services, "log-level": logLevel,
                ])
            let level = try settings.value(of: Settings.house.logLevel)
            LoggingSystem.bootstrap { JSONLog(label: $0, level: level) }
            try await Server.run(settings)
        }
    }
}
