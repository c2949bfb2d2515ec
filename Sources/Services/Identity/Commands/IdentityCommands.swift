import Contracts
import Directory
import Messaging
import Storage
import Values
import Web

/// The commands of Identity. Each is a function of a transaction. None of them hashes a password: that is slow and is
/// done before.
package struct IdentityCommands: Sendable {
    let company: Company
    let settings: IdentitySettings
    let sealing: Sealing
    let journal: Journal
    package let passwords: PasswordRules

    /// - Parameter secret: the installation's secret, 32 bytes.
    package init(company: Company, settings: IdentitySettings, secret: [UInt8], codes: EventCodes) {
        precondition(secret.count == 32, "the installation's secret has 32 bytes")
        self.company = company
        self.settings = settings
        passwords = PasswordRules(company: company.name, isGuessed: settings.isGuessed)
        sealing = Sealing(secret: secret)
        journal = Journal(topic: .identity, codes: codes)
    }

    func publish(_ event: some Event, _ act: CommandContext) throws {
        try journal.append(
            event, id: act.environment.newID(), at: act.now, trace: act.trace, in: act.transaction)
    }

    /// Publishes a change of access, so that the person is told by letter (X66).
    /// - Parameters:
    ///   - also: who is told beside the person.
    ///   - told: whether a letter is written.
    func announce(
        _ what: AccessChanged.What, of person: ID, before: String? = nil, after: String? = nil, also: [ID] = [],
        told: Bool = true, _ act: CommandContext
    ) throws {
        try publish(
            AccessChanged(
                person: person, what: what, by: act.by, before: before, after: after, time: act.now,
                also: also.isEmpty ? nil : also, told: told ? nil : false),
            act)
    }

    /// Creates the first admin, at set-up (X3). Refused if there are people already.
    @discardableResult
    package func createFirstAdmin(
        name: String, email: String, password: PasswordHash, _ act: CommandContext
    ) throws -> Person {
        try act.pass(gate: "admins")
        guard try act.transaction.fetchOne("SELECT id FROM identity_person LIMIT 1") == nil else {
            throw Problem.conflict("identity.set-up-done")
        }
        return try create(name: name, email: email, roles: [Role.admin], password: password, act)
    }

    /// Creates an account. Without a password, the person sets one with a link.
    @discardableResult
    package func create(
        name: String, email: String, roles: some Collection<String> & Sendable, password: PasswordHash? = nil,
        _ act: CommandContext
    ) throws -> Person {
        let person = Person(
            id: act.environment.newID(), name: try PersonRules.name(name), email: try PersonRules.email(email),
            roles: try PersonRules.roles(roles), active: true)
        let inserted = try act.transaction.change(
            """
            INSERT INTO identity_person (id, name_key, email_key, external, created_at)
            VALUES (\(person.id), \(person.name.lowercased()), \(MailAddress.key(person.email)), NULL, \(act.now))
            ON CONFLICT DO NOTHING
            """)
        guard inserted == 1 else { throw Problem.invalid("email", "identity.email-taken") }
        try store(person, act)
        if let password { try store(password, of: person.id, act) }
        try act.note(.registered, roleList(person.roles), of: person.id)
        try publish(PersonRegistered(person: person, by: act.by), act)
        return person
    }

    /// Changes to a person; `nil` leaves the value as it is.
    package struct Change: Sendable {
        package var name: String?
        package var email: String?
        package var roles: Set<String>?
        package var active: Bool?

        package init(name: String? = nil, email: String? = nil, roles: Set<String>? = nil, active: Bool? = nil) {
            self.name = name
            self.email = email
            self.roles = roles
            self.active = active
        }
    }

    /// Changes a person (X3). Each difference goes into the history, and one event carries the whole person (X5). If
    /// nothing differs, nothing is written or published.
    @discardableResult
    package func change(_ id: ID, _ change: Change, _ act: CommandContext) throws -> Person {
        try act.pass(gate: "admins")
        let old = try locked(id, act)
        var new = old
        if let name = change.name { new.name = try PersonRules.name(name) }
        if let email = change.email, email != old.email {
            let email = try PersonRules.email(email)
            // The stored address may be older than the storing of domains as A-labels; then it is the same address.
            if MailAddress.shown(email) != MailAddress.shown(old.email) { new.email = email }
        }
        if let roles = change.roles { new.roles = try PersonRules.roles(roles) }
        if let active = change.active { new.active = active }
        guard new != old else { return old }
        try keepAnAdmin(old, new, act)
        if new.name != old.name || new.email != old.email { try rename(old, new, act) }
        try store(new, act)
        if new.name != old.name { try act.note(.renamed, "\(old.name) → \(new.name)", of: id) }
        if new.email != old.email {
            // People sign in with the address and get letters there, so both the old and the new address are notified.
            try act.note(.email, "\(MailAddress.shown(old.email)) → \(MailAddress.shown(new.email))", of: id)
        }
        if new.roles != old.roles {
            try act.note(.roles, "\(roleList(old.roles)) → \(roleList(new.roles))", of: id)
        }
        if new.active != old.active { try act.note(new.active ? .reactivated : .deactivated, of: id) }
        try publish(PersonChanged(person: new, by: act.by, changed: fields(of: old, changedIn: new)), act)
        if new.email != old.email { try announce(.email, of: id, before: old.email, after: new.email, act) }
        if new.roles != old.roles {
            try announce(.roles, of: id, before: roleList(old.roles), after: roleList(new.roles), act)
        }
        if !new.active && old.active {
            try endSessions(of: id, act)
            try act.transaction.send("DELETE FROM identity_welcome WHERE person = \(id)")
        }
        return new
    }

    // MARK: Parts of commands

    /// The person, with the row locked against other changes.
    func locked(_ id: ID, _ act: CommandContext) throws -> Person {
        guard try !act.transaction.fetchLocking("SELECT id FROM identity_person WHERE id = \(id)").isEmpty,
            let person = try Directory.person(id, in: act.transaction)
        else { throw Problem.notFound }
        return person
    }

    /// Refuses to leave the company without an active admin.
    private func keepAnAdmin(_ old: Person, _ new: Person, _ act: CommandContext) throws {
        guard old.holds(anyOf: [Role.admin]), !new.holds(anyOf: [Role.admin]) else { return }
        let others = try act.transaction.fetchOne("SELECT person FROM identity_admin WHERE person <> \(old.id) LIMIT 1")
        guard others != nil else { throw Problem.conflict("identity.last-admin") }
    }

    private func fields(of old: Person, changedIn new: Person) -> [String] {
        [
            ("active", new.active != old.active), ("email", new.email != old.email), ("name", new.name != old.name),
            ("roles", new.roles != old.roles),
        ].filter { $0.1 }.map { $0.0 }
    }

    private func rename(_ old: Person, _ new: Person, _ act: CommandContext) throws {
        if MailAddress.key(new.email) != MailAddress.key(old.email) {
            let key = MailAddress.key(new.email)
            let taken = try act.transaction.fetchOne(
                "SELECT id FROM identity_person WHERE email_key = \(key) AND id <> \(old.id)")
            guard taken == nil else { throw Problem.invalid("email", "identity.email-taken") }
        }
        let key = new.email.isEmpty ? nil : MailAddress.key(new.email)
        try act.transaction.send(
            """
            UPDATE identity_person SET name_key = \(new.name.lowercased()), email_key = \(key.stored)
            WHERE id = \(new.id)
            """)
    }

    private func store(_ person: Person, _ act: CommandContext) throws {
        try Directory.put(person, in: act.transaction)
        try act.transaction.send("DELETE FROM identity_word WHERE person = \(person.id)")
        try act.transaction.send(
            "INSERT INTO identity_word (word, person) VALUES (?, ?)",
            rows: PersonRules.words(name: person.name, email: person.email).map { [.text($0), person.id.stored] })
        if person.holds(anyOf: [Role.admin]) {
            try act.transaction.send(
                "INSERT INTO identity_admin (person) VALUES (\(person.id)) ON CONFLICT DO NOTHING")
        } else {
            try act.transaction.send("DELETE FROM identity_admin WHERE person = \(person.id)")
        }
    }

    func roleList(_ roles: Set<String>) -> String {
        roles.isEmpty ? "\u{2013}" : roles.sorted().joined(separator: ", ")
    }
}
