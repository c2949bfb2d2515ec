import Contracts
import Directory
import Storage
import Values
import Web
import WebAuthn

/// Passkeys: made, used, renamed, removed.
extension IdentityCommands {
    /// Whom passkeys are made for. `nil` if the public address is one that browsers have no passkeys for.
    var party: RelyingParty? { RelyingParty(address: company.publicAddress) }

    private var demandsVerification: Bool { settings.verification == .required }

    /// How long a browser waits for a finger, a face or a PIN: as long as a challenge works.
    private static let patience: Int64 = 300_000

    /// Whether the person needs a passkey beside a password or a link.
    func wantsPasskey(_ person: Person) -> Bool { person.holds(anyOf: settings.passkeyRoles) }

    // MARK: Asking a browser

    /// What a browser makes a passkey from, as JSON.
    /// - Parameter bound: as for the ticket, which is the challenge.
    func creationOptions(
        for person: Person, bound: [UInt8], _ environment: Environment, in transaction: any Transaction
    ) throws -> String {
        guard let party else { return "" }
        let challenge = try ticket(.registration, for: person.id, bound: bound, environment, in: transaction)
        let there = try PasskeyQueries.of(person.id, sealing, in: transaction)
        let address = MailAddress.shown(person.email)
        let options = CreationOptions(
            for: party, named: company.name,
            user: UserEntity(
                handle: person.id.bytes, name: address.isEmpty ? person.name : address, displayName: person.name),
            challenge: challenge, excluded: there.map(IdentityCommands.descriptor), verification: settings.verification,
            milliseconds: IdentityCommands.patience)
        return String(decoding: options.written, as: UTF8.self)
    }

    /// What a browser uses a passkey with, as JSON: one of the person's, or any if nobody has been named.
    /// - Returns: an empty text if the person has none that works.
    func requestOptions(
        for person: ID? = nil, bound: [UInt8] = [], _ environment: Environment, in transaction: any Transaction
    ) throws -> String {
        guard let party else { return "" }
        let allowed = try person.map { id in
            try PasskeyQueries.of(id, sealing, in: transaction).filter(\.isUsable).map(IdentityCommands.descriptor)
        }
        // An empty list would allow anybody's.
        if let allowed, allowed.isEmpty { return "" }
        let challenge = try ticket(
            .assertion, for: person ?? Ticket.nobody, bound: bound, environment, in: transaction)
        let options = RequestOptions(
            for: party, challenge: challenge, allowed: allowed ?? [], verification: settings.verification,
            milliseconds: IdentityCommands.patience)
        return String(decoding: options.written, as: UTF8.self)
    }

    private static func descriptor(_ passkey: Passkey) -> CredentialDescriptor {
        CredentialDescriptor(id: passkey.rawID, transports: passkey.credential?.transports ?? [])
    }

    // MARK: What a browser answers

    /// Checks what a browser answered to ``creationOptions(for:bound:_:in:)``, and stores the passkey. Nothing else
    /// ends.
    func addPasskey(
        _ response: String, named name: String, of person: ID, bound: [UInt8], _ act: CommandContext
    ) throws {
        let person = try locked(person, act)
        guard person.active else { throw Problem.conflict("identity.not-active") }
        let name = try PersonRules.passkeyName(name)
        let there = try PasskeyQueries.of(person.id, sealing, in: act.transaction)
        guard there.count < Passkey.most else { throw Problem.conflict("identity.passkeys-many") }
        guard let party, let answer = try? RegistrationResponse(Array(response.utf8)),
            let challenge = try? ClientData(answer.clientData).challenge,
            let ticket = try open(
                challenge, .registration, at: act.now, in: act.transaction, bound: { _ in bound }),
            ticket.person == person.id,
            let credential = try? party.register(
                answer, challenge: challenge, demandsVerification: demandsVerification),
            try spend(ticket, act)
        else { throw Problem(422, "identity.passkey-refused") }
        try store(credential, named: name, of: person.id, act)
        try act.note(.passkey, name, of: person.id)
        try announce(.passkey, of: person.id, after: name, act)
    }

    private func store(_ credential: Credential, named name: String, of person: ID, _ act: CommandContext) throws {
        let (id, key) = (act.environment.newID(), credential.key.canonical)
        let code = sealing.code(ofPasskey: id, credential: credential.id, key: key, person: person)
        let inserted = try act.transaction.change(
            """
            INSERT INTO identity_passkey (id, person, credential, name, key, counter, model, backup_eligible, backed_up,
                verified, transports, created_at, used_at, suspect_at, code)
            VALUES (\(id), \(person), \(credential.id), \(name), \(key), \(Int64(credential.counter)),
                \(credential.model), \(credential.isBackupEligible), \(credential.isBackedUp), \(credential.isVerified),
                \(credential.transports.joined(separator: " ")), \(act.now), NULL, NULL, \(code))
            ON CONFLICT DO NOTHING
            """)
        guard inserted == 1 else { throw Problem(422, "identity.passkey-known") }
    }

    /// Checks what a browser answered to ``requestOptions(for:bound:_:in:)``. The challenge is used up, and what the
    /// authenticator says of the passkey is kept; if its counter went back, that is reported. So the transaction must
    /// commit whatever the result is. The person's row is locked.
    /// - Parameter isNamed: whether it was asked for a passkey of this person.
    func accepts(
        _ answer: AssertionResponse, of passkey: Passkey, isNamed: Bool, bound: [UInt8], _ act: CommandContext
    ) throws -> Bool {
        guard let party, passkey.suspect == nil, let credential = passkey.credential,
            // If nobody was named, the authenticator has to say whose passkey it is.
            isNamed || answer.userHandle != nil,
            let challenge = try? ClientData(answer.clientData).challenge,
            let ticket = try open(challenge, .assertion, at: act.now, in: act.transaction, bound: { _ in bound }),
            ticket.person == (isNamed ? passkey.person : Ticket.nobody),
            let assertion = try? party.assert(
                answer, credential: credential, userHandle: passkey.person.bytes, challenge: challenge,
                demandsVerification: demandsVerification),
            try spend(ticket, act)
        else { return false }
        guard !assertion.isCloned else {
            try suspect(passkey, act)
            return false
        }
        try act.transaction.send(
            """
            UPDATE identity_passkey SET counter = \(Int64(assertion.counter)), backed_up = \(assertion.isBackedUp),
                used_at = \(act.now)
            WHERE id = \(passkey.id)
            """)
        return true
    }

    /// The counter went back: two authenticators may have the key. From now on it lets nobody in, and the person and
    /// the admins are told.
    private func suspect(_ passkey: Passkey, _ act: CommandContext) throws {
        try act.transaction.send("UPDATE identity_passkey SET suspect_at = \(act.now) WHERE id = \(passkey.id)")
        try act.note(.passkeySuspect, passkey.name, of: passkey.person)
        let admins: [ID] = try act.transaction.fetch(
            "SELECT person FROM identity_admin WHERE person <> \(passkey.person) ORDER BY person LIMIT 50"
        ).map { try $0(0) }
        try announce(.passkeySuspect, of: passkey.person, after: passkey.name, also: admins, act)
    }

    // MARK: Keeping

    func renamePasskey(_ id: ID, of person: ID, to name: String, _ act: CommandContext) throws {
        _ = try locked(person, act)
        let name = try PersonRules.passkeyName(name)
        let changed = try act.transaction.change(
            "UPDATE identity_passkey SET name = \(name) WHERE id = \(id) AND person = \(person)")
        guard changed == 1 else { throw Problem.notFound }
    }

    /// Removes a passkey. Sessions that began with it go on.
    /// - Throws: a 409 problem if people remove their own last way in. An admin may: for somebody who has lost the
    ///   device.
    @discardableResult
    func removePasskey(_ id: ID, of person: ID, _ act: CommandContext) throws -> Passkey {
        let person = try locked(person, act)
        guard let passkey = try PasskeyQueries.find(id, of: person.id, sealing, in: act.transaction) else {
            throw Problem.notFound
        }
        if act.by == person.id, try isLastWay(passkey, of: person, in: act.transaction) {
            throw Problem.conflict("identity.last-way")
        }
        try act.transaction.send("DELETE FROM identity_passkey WHERE id = \(id)")
        try act.note(.passkeyRemoved, passkey.name, of: person.id)
        try announce(.passkeyRemoved, of: person.id, after: passkey.name, act)
        return passkey
    }

    private func isLastWay(_ passkey: Passkey, of person: Person, in transaction: any Transaction) throws -> Bool {
        if settings.links && !person.email.isEmpty { return false }
        if try hasCompanyAccount(person.id, in: transaction) { return false }
        if try PeopleQueries.credential(person.id, sealing, in: transaction) != nil { return false }
        return try !PasskeyQueries.of(person.id, sealing, in: transaction).contains {
            $0.id != passkey.id && $0.isUsable
        }
    }
}
