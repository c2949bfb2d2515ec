import ArgumentParser
import Foundation
import Gateway
import HTTPDriver
import Logging
import Metrics
import Operations
import ServiceKit
import ServiceLifecycle
import UnixSignals
import Values
import Web

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

/// Puts `popug gateway` together and runs it.
enum GatewayServer {
    /// A company with only what declarations need.
    static func nobody() throws -> Company {
        guard let calendar = BusinessCalendar(zone: "UTC", closingHour: 0) else {
            throw Failure(.configuration, "the system has no time zones")
        }
        return Company(
            installation: ID(high: 0, low: 0), name: "Popug", currency: "EUR", calendar: calendar,
            publicAddress: "http://localhost:8080")
    }

    static func run(_ settings: Settings) async throws {
        let options = try settings.gateway()
        let company = try settings.gatewayCompany()
        let registry = MetricsRegistry()
        MetricsSystem.bootstrap(registry)
        JSONLog.countLost()
        let logger = Logger(label: "gateway")
        let declarations = try Declarations(company)
        let listen = try settings.value(of: Settings.house.listen)
        let (host, port) = (listen.host, listen.port)
        let gateway = try Gateway(
            options, directions: try RouteMap(declarations.parts), pages: declarations.pages, company: company,
            metrics: registry, environment: .live(), log: logger,
            listening: { Terminal.ready(host, $0) })
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: Listening(server: gateway, host: host, port: port),
                        successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        do {
            try await group.run()
        } catch {
            throw error as? Failure ?? Failure(.unavailable, "The gateway ended: \(error)")
        }
    }
}

/// Everything that the services declare, without any data: their endpoints and pages.
package struct Declarations: Sendable {
    package let parts: [RouteMap.Part]
    package let pages: PageRenderer

    package init(_ company: Company) throws {
        let secret = Installation.noSecret
        let environment = Environment.live()
        let parts = Exchange.Parts(
            company: company, environment: environment, secret: secret,
            database: { _ in throw Failure(.unavailable, "declarations have no database") },
            log: NoLog(codes: Installation.codes(secret: secret, environment: environment)),
            logger: Logger(label: "popug"))
        let services = try Exchange.services(parts)
        let compiled = try Exchange.Compiled(parts)
        let operations = Operations(services: services, asker: ServiceAsker(elsewhere: nil))
        pages = compiled.pages
        self.parts =
            services.map { RouteMap.Part($0.name, $0.endpoints) }
            + [RouteMap.Part("operations", operations.endpoints + compiled.reference)]
    }
}
