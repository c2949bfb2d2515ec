import Contracts
import Directory
import Storage
import Values
import Web

extension IdentityCommands {
    /// Sets or replaces a password. Every other session of the person and every token of their programs end, so that
    /// anyone who knew the old password is out (X66).
    /// - Parameter keepsCodes: whether the person's recovery codes stay. They do only if the person proved the old
    ///   password: otherwise somebody else may have made them.
    package func setPassword(
        _ hash: PasswordHash, of id: ID, keeping session: ID? = nil, keepsCodes: Bool = false, _ act: CommandContext
    ) throws {
        let person = try locked(id, act)
        try store(hash, of: id, act)
        try act.transaction.send("DELETE FROM identity_welcome WHERE person = \(id)")
        if !keepsCodes { try act.transaction.send("DELETE FROM identity_recovery WHERE person = \(id)") }
        try act.note(.password, of: person.id)
        try announce(.password, of: id, act)
        try endSessions(of: id, except: session, act)
    }

    /// Makes a link with which the person sets a password; an earlier link stops working.
    func makeLink(for id: ID, _ act: CommandContext) throws -> (path: String, until: Instant) {
        let person = try locked(id, act)
        guard person.active else { throw Problem.conflict("identity.not-active") }
        guard !person.email.isEmpty else { throw Problem.conflict("identity.no-email") }
        try act.transaction.send("DELETE FROM identity_welcome WHERE person = \(id)")
        let link = act.environment.newID()
        let until = act.now.adding(seconds: settings.welcomeDays * 86_400)
        try act.transaction.send(
            "INSERT INTO identity_welcome (id, person, until) VALUES (\(link), \(id), \(until))")
        try act.note(.link, of: id)
        // The first link belongs to a new account; there is already a letter about the account.
        let isFirst = try !PeopleQueries.hasPassword(id, in: act.transaction)
        try announce(.link, of: id, told: !isFirst, act)
        return ("/welcome/" + sealing.link(link, person: id), until)
    }

    /// The person that a link belongs to.
    /// - Throws: a 404 problem for a link that was used, was replaced, has expired, or never existed.
    func person(of link: String, now: Instant, in transaction: any Transaction) throws -> Person {
        let gone = Problem(404, "identity.link-gone")
        guard let id = Sealing.linkID(link),
            let row = try transaction.fetchOne("SELECT person, until FROM identity_welcome WHERE id = \(id)"),
            try sealing.isLink(link, id: id, person: row(0)), try now < row(1, as: Instant.self),
            let person = try Directory.person(row(0), in: transaction), person.active
        else { throw gone }
        return person
    }

    /// The link that an admin can still hand over; `nil` if there is none.
    func openLink(of person: ID, now: Instant, in transaction: any Transaction) throws -> (
        path: String, until: Instant
    )? {
        guard
            let row = try transaction.fetchOne(
                "SELECT id, until FROM identity_welcome WHERE person = \(person) ORDER BY id DESC LIMIT 1")
        else { return nil }
        let until: Instant = try row(1)
        return until > now ? ("/welcome/" + sealing.link(try row(0), person: person), until) : nil
    }

    func store(_ hash: PasswordHash, of person: ID, _ act: CommandContext) throws {
        try act.transaction.send(
            """
            INSERT INTO identity_credential (person, salt, hash, rounds, block, parallel, changed_at, code)
            VALUES (\(person), \(hash.salt), \(hash.hash), \(hash.cost.rounds), \(hash.cost.block),
                    \(hash.cost.parallel), \(act.now), \(sealing.code(of: hash, person: person)))
            ON CONFLICT (person) DO UPDATE SET salt = excluded.salt, hash = excluded.hash, rounds = excluded.rounds,
                block = excluded.block, parallel = excluded.parallel, changed_at = excluded.changed_at,
                code = excluded.code
            """)
    }

    /// Replaces the hash `old` with a stronger one of the same password, unless the password was changed meanwhile.
    func renew(_ old: PasswordHash, with new: PasswordHash, of person: ID, _ act: CommandContext) throws {
        try act.transaction.send(
            """
            UPDATE identity_credential SET salt = \(new.salt), hash = \(new.hash), rounds = \(new.cost.rounds),
                block = \(new.cost.block), parallel = \(new.cost.parallel),
                code = \(sealing.code(of: new, person: person))
            WHERE person = \(person) AND hash = \(old.hash)
            """)
    }
}
