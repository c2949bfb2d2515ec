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
        let next = asked.next.map { "?next=" + PercentCoding.encode($0) } ?? ""
        let path = try path(of: .link, id: asked.ask, for: person, environment, in: transaction)
        return SignInLink(path: path + next)
    }

    private func path(
        of purpose: Ticket.Purpose, id: ID? = nil, for person: Person, _ environment: Environment,
        in transaction: any Transaction
    ) throws -> String {
        let ticket = try ticket(
            purpose, id: id, for: person.id, bound: IdentityCommands.bound(person), environment, in: transaction)
        return "/sign-in/link/" + Base64URL.encode(ticket)
    }

    /// A link for an admin to hand over to somebody who has no other way in. It is shown once, and stored nowhere.
    func handOutLink(for id: ID, _ act: CommandContext) throws -> (path: String, until: Instant) {
        let person = try locked(id, act)
        guard person.active else { throw Problem.conflict("identity.not-active") }
        let path = try path(of: .handedLink, for: person, act.environment, in: act.transaction)
        try act.note(.signInLink, of: id)
        try announce(.signInLink, of: id, act)
        return (path, act.now.adding(seconds: Ticket.Purpose.handedLink.seconds))
    }

    /// The person that a link signs in. Reads only.
    /// - Throws: a 404 problem for a link that was used, has expired, or never existed, and if the person's address has
    ///   changed since.
    func opened(
        link text: String, at now: Instant, in transaction: any Transaction
    ) throws -> (person: Person, ticket: Ticket) {
        var person: Person?
        // Links by letter can be switched off; those that an admin hands out can't.
        let purposes: [Ticket.Purpose] = settings.links ? [.link, .handedLink] : [.handedLink]
        var ticket: Ticket?
        for purpose in purposes where ticket == nil {
            ticket = try Base64URL.decode(text).flatMap { bytes in
                try open(bytes, purpose, at: now, in: transaction) { id in
                    person = try Directory.person(id, in: transaction)
                    return person.map(IdentityCommands.bound) ?? []
                }
            }
        }
        guard let ticket, let person, person.active else {
            throw Problem(404, "identity.sign-in-link-gone")
        }
        return (person, ticket)
    }

    /// What a proof by mail is bound to: the address.
    static func bound(_ person: Person) -> [UInt8] { Array(MailAddress.key(person.email).utf8) }
}
