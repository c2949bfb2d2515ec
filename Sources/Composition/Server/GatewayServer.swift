import Gateway
import HTTPDriver
import Logging
import Metrics
import ServiceLifecycle
import UnixSignals
import Values

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
