import Hosting
import Identity
import Messaging
import Storage
import Tracker
import Values
import Web

extension Exchange {
    /// How a process takes part where services are spread over several.
    package struct Spread: Sendable {
        /// The services that run here.
        package var services: [String]
        /// This process.
        package var owner: Owner
        /// Asks Identity, in whichever process it is.
        package var registerMissing: TrackerService.RegisterMissing
        /// Tells Identity, in whichever process it is, when sessions were used.
        package var noteUses: @Sendable (_ uses: [ID: Instant]) throws -> Void
        /// What other processes may ask of a service here, by its name.
        package var inside: @Sendable (_ service: any Service) -> [Endpoint]
        /// A replica of a service's database that pages may be read from.
        package var replica: @Sendable (_ service: String) -> (any Database)? = { _ in nil }
        /// Asks for events to be published again that the log lacks, where the publisher is in another process.
        package var publishAgain: @Sendable (_ topic: Topic, _ partition: Int, _ after: Int64) -> Void = { _, _, _ in }

        package init(
            services: [String], owner: Owner, registerMissing: @escaping TrackerService.RegisterMissing,
            noteUses: @escaping @Sendable (_ uses: [ID: Instant]) throws -> Void,
            inside: @escaping @Sendable (_ service: any Service) -> [Endpoint]
        ) {
            self.services = services
            self.owner = owner
            self.registerMissing = registerMissing
            self.noteUses = noteUses
            self.inside = inside
        }
    }

    /// Tells Identity when sessions were used: by its database where it is here.
    static func noting(
        _ parts: Parts, _ identity: IdentityService, _ databases: [String: any Database]
    ) -> @Sendable ([ID: Instant]) throws -> Void {
        if let spread = parts.spread, !spread.services.contains("identity") { return spread.noteUses }
        let (commands, database) = (identity.commands, databases["identity"])
        let now = parts.environment.now
        return { uses in
            let now = now()
            try database?.write { try commands.noteUses(uses, now: now, in: $0) }
        }
    }
}
