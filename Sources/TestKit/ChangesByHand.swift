import Hosting
import Values
import Web

extension Entrance {
    /// What the list of changes by hand shows of a service whose host answers behind this entrance, the oldest first.
    package func changesByHand(of service: String, until now: Instant) throws -> [AuditEntry] {
        let asker = AnsweringAsker()
        asker.set(self)
        let search = AuditSearch(from: now.adding(seconds: -400 * 86_400), until: now.adding(seconds: 1))
        return Array(try asker.ask(HostQuestions.audit, of: service, search).events.reversed())
    }
}
