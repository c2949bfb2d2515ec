import Contracts
import Directory
import Storage
import Values
import Web

/// Links in letters that sign a person in (S8). A link is made when its letter is sent, works for 15 minutes and once,
/// and only while the person has the address that it was sent to.
extension IdentityCommands {
    /// Asks for a letter with a link. Does nothing if nobody active has the address; the caller is not told.
    func askForLink(email: String, next: String?, _ act: CommandContext) throws {
        guard let id = try PeopleQueries.id(email: email, in: act.transaction), try locked(id, act).active else {
            return
        }
        try publish(SignInLinkAsked(person: id, ask: act.environment.newID(), next: next, time: act.now), act)
    }

    /// The link for a letter that is about to be sent. There is none for an address that is not the person's: the Mailer's
    /// data may be behind, or somebody may have changed it (X60).
    func link(_ asked: LinkAsked, _ environment: Environment, in transaction: any Transaction) throws -> SignInLink {
        guard settings.links, let person = try Directory.person(asked.person, in: transaction), person.active,
            !person.email.isEmpty, MailAddress.key(asked.address) == MailAddress.key(person.email),
            try transaction.fetchOne("SELECT id FROM identity_spent WHERE id = \(asked.ask)") == nil
        else { return SignInLink(path: nil) }
        let ticket = try ticket(
            .link, id: asked.ask, for: person.id, bound: IdentityCommands.bound(person), environment, in: transaction)
        let next = asked.next.map { "?next=" + PercentCoding.encode($0) } ?? ""
        return SignInLink(path: "/sign-in/link/" + Base64URL.encode(ticket) + next)
    }

    /// The person that a link signs in. Reads only.
    /// - Throws: a 404 problem for a link that was used, has expired, or never existed, and if the person's address has
    ///   changed since.
    func opened(
        link text: String, at now: Instant, in transaction: any Transaction
    ) throws -> (person: Person, ticket: Ticket) {
        var person: Person?
        let ticket = try Base64URL.decode(text).flatMap { bytes in
            try open(bytes, .link, at: now, in: transaction) { id in
                person = try Directory.person(id, in: transaction)
                return person.map(IdentityCommands.bound) ?? []
            }
        }
        guard settings.links, let ticket, let person, person.active else {
            throw Problem(404, "identity.sign-in-link-gone")
        }
        return (person, ticket)
    }

    /// What a proof by mail is bound to: the address.
    static func bound(_ person: Person) -> [UInt8] { Array(MailAddress.key(person.email).utf8) }
}
