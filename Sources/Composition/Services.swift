import Accounting
import Analytics
import Hosting
import Identity
import Mailer
import Messaging
import Payouts
import Schemas
import ServiceKit
import Tracker

/// The services of the product: **the one list of them**. Each brings its own manifest. Everything that has an entry
/// for each service (databases, settings, contracts, deployment, tests) follows from this list.
package enum Services {
    /// Publishers come before the services that listen to them.
    package static let all: [any ServiceModule.Type] = [
        IdentityService.self, TrackerService.self, AccountingService.self, PayoutsService.self, AnalyticsService.self,
        MailerService.self,
    ]

    package static let names = all.map { $0.name }

    /// Those that publish events of their own. Every service also publishes those of the kit.
    package static let publishers = all.filter { !$0.publishes.isEmpty }.map { $0.name }

    /// Every event that any service publishes, in every version that is still understood, by publisher. This list gives
    /// each event its schema in `contracts/`, its message in `asyncapi.yaml`, its place on the reference page and its
    /// tests. The kit's events, which every service publishes, stand in it once.
    package static let events: [any Contract.Type] = all.flatMap { $0.publishes } + KitEvents.all

    /// The personal fields of each event, by the event's type.
    package static let personalFields: [String: [String]] = Dictionary(
        uniqueKeysWithValues: events.map { ($0.type, $0.contract.personal) }.filter { !$0.1.isEmpty })

    /// A process of a service, such as `tracker2` if the service has several.
    package struct Process: Sendable {
        package let name: String
        package let service: String
        package let number: Int
        package let reachesOut: Bool
    }

    /// All processes, in an installation that runs each service in its own processes.
    package static let processes: [Process] = all.flatMap { service in
        let deployment = service.deployment
        return (1...max(1, deployment.processes)).map { number in
            Process(
                name: service.name + (deployment.processes > 1 ? "\(number)" : ""), service: service.name,
                number: number, reachesOut: deployment.reachesOut)
        }
    }
}
