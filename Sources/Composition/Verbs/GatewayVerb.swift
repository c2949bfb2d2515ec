import ArgumentParser
import Foundation
import Gateway
import HTTPDriver
import Logging

struct GatewayVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "One address for services that run in many processes.",
        discussion: """
            Needs no folder and keeps nothing: settings come from flags and POPUG_… variables, or from a folder's \
            popug.json. Prints `Ready on ADDRESS` when it takes requests. Ends in order on SIGINT and SIGTERM.
            """,
        subcommands: [GatewayRunVerb.self, GatewayRoutesVerb.self, GatewayKeyVerb.self],
        defaultSubcommand: GatewayRunVerb.self)
}

struct GatewayRunVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run it, until Ctrl-C.")

    @OptionGroup var options: FolderOptions
    @Option(help: "Address and port; port 0 takes a free one.") var listen: String?
    @Option(help: "Where the services are: identity=http://127.0.0.1:9001;tracker=http://127.0.0.1:9002,…")
    var upstreams: String?
    @Option(help: "Where people reach the pages.") var publicAddress: String?
    @Option(help: "Proxies before it whose X-Forwarded-For is believed: 127.0.0.1,10.0.0.0/8.")
    var trustedProxies: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical.") var logLevel: String?

    func run() async throws {
        try await Verb.run {
            let settings = try await Settings(
                folder: Verb.folder(options),
                flags: [
                    "listen": listen, "upstreams": upstreams, "public-address": publicAddress,
                    "trusted-proxies": trustedProxies, "log-level": logLevel,
                ].compactMapValues { $0 })
            let level = try settings.value(of: Settings.house.logLevel)
            LoggingSystem.bootstrap { JSONLog(label: $0, level: level) }
            try await GatewayServer.run(settings)
        }
    }
}

struct GatewayRoutesVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "Print the services' routes for nginx (deploy/nginx/routes.conf).")

    func run() async throws {
        try await Verb.run {
            let declarations = try Declarations(GatewayServer.nobody())
            Terminal.say(try RouteMap(declarations.parts).nginx)
        }
    }
}

struct GatewayKeyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Print the key of a folder's gateway, for machines that shall not have the secret.")

    @OptionGroup var options: FolderOptions

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(options)
            guard let key = try settings.gatewayKey() else {
                throw Failure(.configuration, "there is neither a gateway-key nor a secret")
            }
            Terminal.say(key.text)
        }
    }
}
