import Contracts
import Directory
import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web
import WebAuthn

/// Identity: the only service that knows credentials (X1). Other services know people from its events and check its
/// tokens offline, so people can go on working while it is down (X5).
///
/// - Owns: people and their history, password hashes, sessions, tokens for programs, signing keys.
/// - Listens to: nothing.
/// - Publishes: `person-registered`, `person-changed`, `access-changed`, `sign-in-link-asked`, `sessions-revoked`, `keys-changed` (X50).
/// - Serves: signing in and out, people, passkeys, sessions, tokens, keys; a person's name by id (X53).
/// - Schedules: the rotation of keys, and deleting what has expired.
package struct IdentityService: ServiceModule {
    package static let name = "identity"
    package static let settings = SignInSettings()
    package static let publishes: [any Contract.Type] = [
        PersonRegistered.self, PersonChanged.self, AccessChanged.self, SignInLinkAsked.self, SessionsRevoked.self,
        KeysChanged.self,
    ]
    package var journal: Journal { commands.journal }
    package var migrations: [Migration] { IdentitySchema.migrations(commands.sealing) }
    package let reactions: [Reaction] = []

    /// The commands, for set-up, demonstration data and imports.
    package let commands: IdentityCommands
    /// Computes password hashes, outside of transactions.
    package let hasher: PasswordHasher
    let desk: PasswordWork

    package init(_ parts: ServiceParts) throws {
        try self.init(parts, settings: IdentitySettings())
    }

    /// As the settings say, and for the rest as given: such as quicker hashes for tests and demonstrations. The most
    /// common passwords are refused.
    package init(_ parts: ServiceParts, settings: IdentitySettings) throws {
        var settings = settings
        settings.isGuessed = parts.outbound.isGuessed
        settings.links = try parts.setting(IdentityService.settings.links)
        settings.passkeyRoles = try parts.setting(IdentityService.settings.passkeyRoles)
        settings.verification = try parts.setting(IdentityService.settings.passkeyVerification)
        settings.company = try CompanyProvider(parts)
        settings.http = parts.outbound.http
        // Nobody who needs a passkey could sign in.
        guard settings.passkeyRoles.isEmpty || RelyingParty(address: parts.company.publicAddress) != nil else {
            throw SettingError(
                "passkey-roles: browsers have no passkeys for the public-address \(parts.company.publicAddress); it "
                    + "must be a name, over https")
        }
        self.init(company: parts.company, secret: parts.secret, codes: parts.codes, settings: settings)
    }

    /// - Parameter secret: the installation's secret, 32 bytes. Private keys are encrypted under it, so losing the
    ///   secret loses them. A wrong one is refused at start.
    package init(
        company: Company, secret: [UInt8], codes: EventCodes, settings: IdentitySettings = IdentitySettings()
    ) {
        commands = IdentityCommands(company: company, settings: settings, secret: secret, codes: codes)
        hasher = PasswordHasher(settings)
        desk = PasswordWork(commands: commands, hasher: hasher)
    }

    package let scope = Scope.people

    package var endpoints: [Endpoint] {
        PeopleAPI(commands: commands, desk: desk).endpoints + SessionsAPI(commands: commands, desk: desk).endpoints
            + PasskeysAPI(commands: commands).endpoints + CompanyAccountsAPI(commands: commands).endpoints
            + IdentityPages(commands: commands, desk: desk).endpoints
    }

    package var answers: [Endpoint] {
        [
            IdentityQuestions.people.answered(by: name, reading: false) { [commands] asked, call, transaction in
                let act = CommandContext(transaction, environment: call.environment, trace: asked.trace, by: nil)
                return KnownPeople(people: try commands.registerMissing(asked.names, act))
            },
            IdentityQuestions.uses.answered(by: name, reading: false) { [commands] asked, call, transaction in
                let uses = asked.prefix(IdentityQuestions.mostUses).map { ($0.session, $0.at) }
                try commands.noteUses(Dictionary(uses, uniquingKeysWith: max), now: call.now, in: transaction)
                return Nothing()
            },
            IdentityQuestions.link.answered(by: name, reading: true) { [commands] asked, call, transaction in
                try commands.link(asked, call.environment, in: transaction)
            },
        ]
    }

    package var pages: PageSet { IdentityPages.set }
    package var navigation: [NavigationItem] { IdentityPages.navigation }
    package var search: [String] { [PeopleSearch.path] }

    package var jobs: [Job] {
        [
            Job("keys", wakes: .every(3600)) { [commands] database, environment in
                let (now, mayLapse) = (environment.now(), environment.mayLapse)
                guard try database.read({ try commands.areKeysDue(at: now, mayLapse, in: $0) }) else { return .idle }
                try database.write {
                    let trace = "keys-\(environment.now().milliseconds)"
                    _ = try commands.rotateKeys(CommandContext($0, environment: environment, trace: trace, by: nil))
                }
                return .idle
            },
            Job("forget", wakes: .every(300)) { database, environment in
                guard environment.mayLapse else { return .idle }
                let now = environment.now()
                guard try database.read({ try Forgetting.isDue(at: now, in: $0) }) else { return .idle }
                let more: Bool = try database.write { try Forgetting.step(now: now, in: $0) }
                return more ? .more : .idle
            },
        ]
    }

    package var checks: [Check] { IdentityChecks(sealing: commands.sealing).all }

    package func expectSecret(in transaction: any Transaction) throws {
        // Without events there is nothing to compute codes for, and no table of keys yet.
        let last: Int64 = try transaction.value("SELECT COALESCE(MAX(position), 0) FROM journal") ?? 0
        guard last > 0 else { return }
        let sealed = try transaction.fetchOne("SELECT id, sealed FROM identity_key WHERE sealed IS NOT NULL LIMIT 1")
        guard let sealed, commands.sealing.open(try sealed(1), name: try sealed(0)) == nil else { return }
        throw IdentityCommands.WrongSecret()
    }

    /// Finishes an upgrade, makes the first key, and refuses a secret that did not seal the stored keys.
    package func prepare(_ database: any Database, _ environment: Environment) throws {
        let commands = commands
        while try database.write({ try Renewal.step(in: $0) }) {}
        try database.write { transaction in
            let act = CommandContext(
                transaction, environment: environment, trace: "start-\(environment.now().milliseconds)", by: nil)
            try commands.rotateKeys(act)
            _ = try commands.signingKey(act)
        }
        desk.open(database, environment)
    }

    /// Nobody stays signed in. A session that was ended after the backup, or a right that was taken away, would be
    /// valid again, and a session that began after it is not known here. So all signing keys are deleted, and with them
    /// every token.
    package func restored(in transaction: any Transaction, at now: Instant) throws {
        try transaction.send("UPDATE identity_session SET ended_at = \(now) WHERE ended_at IS NULL")
        try transaction.send("DELETE FROM identity_key")
        try transaction.send("DELETE FROM identity_welcome")
        // What was used after the backup is not known, so no ticket from before is taken.
        try transaction.send("UPDATE identity_epoch SET epoch = \(now) WHERE one = 1")
        try transaction.send("DELETE FROM identity_spent")
        try Directory.putKeys([], in: transaction)
    }
}
