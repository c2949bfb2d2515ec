import Contracts
import Directory
import OpenIDConnect
import Storage
import Values
import Web

/// People who sign in with their account at the company's identity provider.
extension IdentityCommands {
    /// The person that a verified token belongs to; their row is locked. Whoever signs in for the first time is found by
    /// the verified address, or gets an account if the settings say so. Roles that the provider decides about are set.
    /// - Returns: `isNew` if the account was made just now.
    /// - Throws: a 403 problem if nobody here belongs to it.
    func person(
        of token: IDToken, _ company: CompanyProvider, _ act: CommandContext
    ) throws -> (person: Person, isNew: Bool) {
        let issuer = company.provider.issuer.text
        func known() throws -> CompanyAccount? {
            try CompanyQueries.find(issuer: issuer, subject: token.subject, sealing, in: act.transaction)
        }
        var account = try known()
        var isNew = false
        if account == nil {
            // Two first sign-ins at once must not make two people.
            try act.pass(gate: "company")
            account = try known()
        }
        let id: ID
        if let account {
            guard account.isOurs else { throw IdentityCommands.unknown("\(account.id) was not stored by us") }
            id = account.person
        } else {
            (id, isNew) = try link(token, company, act)
        }
        let person = try settled(id, token, company, act)
        guard person.active else { throw IdentityCommands.unknown("\(person.id) is deactivated") }
        // Until the row was locked, the address may have been taken from them; and whoever has the database can change
        // the key that people are found by (X60).
        guard account != nil || MailAddress.key(person.email) == token.email.map({ MailAddress.key($0.text) }) else {
            throw IdentityCommands.unknown("\(person.id) has another address")
        }
        let used = try act.transaction.change(
            """
            UPDATE identity_company_account SET used_at = \(act.now)
            WHERE issuer = \(issuer) AND subject = \(token.subject) AND person = \(id)
            """)
        // An admin may have removed it until the row was locked.
        guard used == 1 else { throw IdentityCommands.unknown("the account of \(id) was removed") }
        return (person, isNew)
    }

    /// Whether the person can sign in with the company's account.
    func hasCompanyAccount(_ person: ID, in transaction: any Transaction) throws -> Bool {
        guard let issuer = settings.company?.provider.issuer.text else { return false }
        return try CompanyQueries.of(person, sealing, in: transaction).contains { $0.isOurs && $0.issuer == issuer }
    }

    private static func unknown(_ cause: String) -> Problem {
        Problem(403, "identity.company-unknown", cause: "the company's account: \(cause)")
    }

    /// Remembers whose account it is, from the first sign-in on.
    private func link(
        _ token: IDToken, _ company: CompanyProvider, _ act: CommandContext
    ) throws -> (person: ID, isNew: Bool) {
        guard let email = token.email, token.isEmailVerified || company.believesAddresses else {
            throw Problem(403, "identity.company-email")
        }
        let there = try PeopleQueries.id(email: email.text, in: act.transaction)
        let issuer = company.provider.issuer.text
        if let there,
            try CompanyQueries.of(there, sealing, in: act.transaction).contains(where: { $0.issuer == issuer })
        {
            // The address may have been given to somebody else in the company, who must not get this person's account.
            throw Problem(403, "identity.company-other")
        }
        guard there != nil || company.newcomers.contains(email.domain) else {
            throw IdentityCommands.unknown("nobody has its address, and \(email.domain) is not in openid-newcomers")
        }
        let person = try there ?? newcomer(token, email, company, act).id
        let id = act.environment.newID()
        let code = sealing.code(ofAccount: id, issuer: issuer, subject: token.subject, person: person)
        try act.transaction.send(
            """
            INSERT INTO identity_company_account (id, person, issuer, subject, created_at, used_at, code)
            VALUES (\(id), \(person), \(issuer), \(token.subject), \(act.now), NULL, \(code))
            """)
        try act.note(.companyAccount, issuer, of: person)
        try announce(.companyAccount, of: person, after: issuer, act)
        return (person, there == nil)
    }

    private func newcomer(
        _ token: IDToken, _ email: MailAddress, _ company: CompanyProvider, _ act: CommandContext
    ) throws -> Person {
        let (decided, given) = (company.mapping.roles, company.mapping.roles(of: token.roles))
        // Whether somebody is an employee may be for the provider to say, too.
        let roles = given.isEmpty ? Set([Role.employee]).subtracting(decided) : given
        return try create(name: token.name ?? email.local, email: email.text, roles: roles, act)
    }

    /// The person with the roles that the provider says they have. Roles that it does not decide about stay, and so does
    /// the last admin.
    private func settled(
        _ id: ID, _ token: IDToken, _ company: CompanyProvider, _ act: CommandContext
    ) throws -> Person {
        let decided = company.mapping.roles
        /// `nil` if they have them.
        func due() throws -> Set<String>? {
            guard !decided.isEmpty, let person = try Directory.person(id, in: act.transaction), person.active else {
                return nil
            }
            let roles = person.roles.subtracting(decided).union(company.mapping.roles(of: token.roles))
            return roles == person.roles ? nil : roles
        }
        guard try due() != nil else { return try locked(id, act) }
        // Looked at again behind the gate of all such changes: what an admin takes away at this moment must not come
        // back (X7).
        try act.pass(gate: "admins")
        guard let roles = try due() else { return try locked(id, act) }
        do {
            return try change(id, Change(roles: roles), act)
        } catch let problem as Problem where problem.key == "identity.last-admin" {
            return try change(id, Change(roles: roles.union([Role.admin])), act)
        }
    }

    /// Forgets that an account at the provider is this person's. Sessions that began with it go on.
    @discardableResult
    func removeCompanyAccount(_ id: ID, of person: ID, _ act: CommandContext) throws -> CompanyAccount {
        let person = try locked(person, act)
        guard let account = try CompanyQueries.find(id, of: person.id, sealing, in: act.transaction) else {
            throw Problem.notFound
        }
        try act.transaction.send("DELETE FROM identity_company_account WHERE id = \(id)")
        try act.note(.companyAccountRemoved, account.issuer, of: person.id)
        try announce(.companyAccountRemoved, of: person.id, after: account.issuer, act)
        return account
    }
}
