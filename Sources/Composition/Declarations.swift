import Gateway
import Logging
import Operations
import ServiceKit
import Values
import Web

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
