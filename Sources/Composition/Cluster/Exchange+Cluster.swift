import Hosting
import Messaging
import Storage
import Web

extension Exchange {
    /// How a process takes part if services are spread over several processes.
    package struct Cluster: Sendable {
        /// The services that run here.
        package var services: [String]
        /// The identity of this process.
        package var owner: Owner
        /// Reaches the services that do not run here; `nil` if all do.
        package var elsewhere: (any Asker)?
        /// A replica of a service's database from which pages may be read.
        package var replica: @Sendable (_ service: String) -> (any Database)? = { _ in nil }

        package init(services: [String], owner: Owner, elsewhere: (any Asker)? = nil) {
            self.services = services
            self.owner = owner
            self.elsewhere = elsewhere
        }
    }
}
