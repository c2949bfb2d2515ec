import Hosting
import Messaging
import Storage
import Web

extension Exchange {
    /// How a process takes part where services are spread over several.
    package struct Spread: Sendable {
        /// The services that run here.
        package var services: [String]
        /// This process.
        package var owner: Owner
        /// Reaches the services that do not run here; `nil` where all do.
        package var elsewhere: (any Asker)?
        /// A replica of a service's database that pages may be read from.
        package var replica: @Sendable (_ service: String) -> (any Database)? = { _ in nil }

        package init(services: [String], owner: Owner, elsewhere: (any Asker)? = nil) {
            self.services = services
            self.owner = owner
            self.elsewhere = elsewhere
        }
    }
}
