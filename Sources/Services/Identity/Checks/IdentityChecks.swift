import Directory
import Messaging
import ServiceKit
import Storage
import Values

/// What `popug verify` checks in Identity's data.
struct IdentityChecks: Sendable {
    let sealing: Sealing

    var all: [Check] {
        [
            IdentityChecks.people, passwords, passkeys, companyAccounts, IdentityChecks.roles, IdentityChecks.sessions,
            IdentityChecks.keys,
        ]
    }

    /// Every stored password was stored by Identity, for the person who has it (X60).
    private var passwords: Check {
        Check("identity: stored passwords") { snapshots, report in
            let transaction = try snapshots.of("identity")
            try report.count("stored passwords", "SELECT COUNT(*) FROM identity_credential", in: transaction)
            for person in try PeopleQueries.wrongCredentials(sealing, in: transaction) {
                report.problem(
                    "identity: the password of person \(person) was not stored by us for them: its code is wrong. It "
                        + "signs nobody in; give them a new one")
            }
        }
    }

    /// Every passkey was stored by Identity, for the person who has it (X60).
    private var passkeys: Check {
        Check("identity: passkeys and recovery codes") { snapshots, report in
            let transaction = try snapshots.of("identity")
            try report.count("passkeys", "SELECT COUNT(*) FROM identity_passkey", in: transaction)
            for (id, person) in try PasskeyQueries.wrong(sealing, in: transaction) {
                report.problem(
                    "identity: passkey \(id) of person \(person) was not stored by us for them: its code is wrong. It "
                        + "signs nobody in; remove it")
            }
            try report.eachID(
                "SELECT id FROM identity_passkey WHERE person NOT IN (SELECT id FROM identity_person)", in: transaction
            ) { "identity: passkey \($0) belongs to nobody" }
            try report.eachID(
                "SELECT DISTINCT person FROM identity_recovery WHERE person NOT IN (SELECT id FROM identity_person)",
                in: transaction
            ) { "identity: person \($0) has recovery codes and no account" }
        }
    }

    /// Every account at the company's provider was stored by Identity, for the person who has it (X60).
    private var companyAccounts: Check {
        Check("identity: accounts at the company's provider") { snapshots, report in
            let transaction = try snapshots.of("identity")
            try report.count("company accounts", "SELECT COUNT(*) FROM identity_company_account", in: transaction)
            for (id, person) in try CompanyQueries.wrong(sealing, in: transaction) {
                report.problem(
                    "identity: company account \(id) of person \(person) was not stored by us for them: its code is "
                        + "wrong. It signs nobody in; remove it")
            }
            try report.eachID(
                """
                SELECT id FROM identity_company_account WHERE person NOT IN (SELECT id FROM identity_person)
                """, in: transaction
            ) { "identity: company account \($0) belongs to nobody" }
        }
    }

    /// People and their rights are as the last event about each person says (X60).
    private static let roles = Check("identity: people as they were published") { snapshots, report in
        let transaction = try snapshots.of("identity")
        var published: [ID: Person] = [:]
        let topic = Topic.identity
        try transaction.forEach(
            """
            SELECT \(Envelope.journalColumns) FROM journal WHERE refused = 0
            AND (name = \(PersonRegistered.name) OR name = \(PersonChanged.name)) ORDER BY position
            """
        ) { row in
            let envelope = try Envelope(journalRow: row, topic: topic)
            published[envelope.key] =
                envelope.name == PersonChanged.name
                ? try envelope.event(PersonChanged.self).person : try envelope.event(PersonRegistered.self).person
        }
        var after: ID?
        while true {
            let page = try Directory.people(after: after, limit: 500, in: transaction)
            for person in page {
                guard let known = published.removeValue(forKey: person.id) else {
                    report.problem("identity: person \(person.id) (\(person.name)) was never published")
                    continue
                }
                if known != person {
                    report.problem("identity: person \(person.id) is \(person), and was published as \(known)")
                }
            }
            guard page.count == 500 else { break }
            after = page.last?.id
        }
        for id in published.keys.sorted() {
            report.problem("identity: person \(id) was published, and has no row in the Directory")
        }
    }

    private static let people = Check("identity: people, their history and credentials") { snapshots, report in
        let transaction = try snapshots.of("identity")
        try report.count("people", "SELECT COUNT(*) FROM identity_person", in: transaction)
        try report.eachID(
            "SELECT id FROM identity_person WHERE id NOT IN (SELECT id FROM directory_person)", in: transaction
        ) { "identity: person \($0) has no row in the Directory" }
        try report.eachID(
            "SELECT id FROM directory_person WHERE id NOT IN (SELECT id FROM identity_person)", in: transaction
        ) { "identity: person \($0) stands in the Directory only" }
        try report.eachID(
            "SELECT id FROM identity_person WHERE id NOT IN (SELECT person FROM identity_history)", in: transaction
        ) { "identity: person \($0) has no history" }
        try report.eachID(
            "SELECT person FROM identity_credential WHERE person NOT IN (SELECT id FROM identity_person)",
            in: transaction
        ) { "identity: person \($0) has a credential and no account" }
        var admins: Set<ID> = []
        try transaction.forEach("SELECT id, email, roles, active FROM directory_person") { row in
            let roles = Directory.roles(of: try row(2))
            if try row(3), roles.contains(Role.admin) { admins.insert(try row(0)) }
        }
        var listed: Set<ID> = []
        try transaction.forEach("SELECT person FROM identity_admin") { listed.insert(try $0(0)) }
        for id in admins.symmetricDifference(listed).sorted() {
            report.problem("identity: person \(id): the list of admins differs from the person's roles")
        }
        let any = try transaction.fetchOne("SELECT id FROM identity_person LIMIT 1") != nil
        if any && admins.isEmpty { report.problem("identity: there is no active admin") }
    }

    private static let sessions = Check("identity: sessions and revocations") { snapshots, report in
        let transaction = try snapshots.of("identity")
        try report.count("sessions", "SELECT COUNT(*) FROM identity_session", in: transaction)
        try report.eachID(
            """
            SELECT s.id FROM identity_session s JOIN directory_person d ON d.id = s.person
            WHERE s.ended_at IS NULL AND d.active = 0
            """, in: transaction
        ) { "identity: session \($0) is open, and its person is deactivated" }
        try report.eachID(
            "SELECT id FROM identity_session WHERE person NOT IN (SELECT id FROM identity_person)", in: transaction
        ) { "identity: session \($0) belongs to nobody" }
        try report.eachID(
            """
            SELECT id FROM identity_session
            WHERE ended_at IS NULL AND id IN (SELECT session FROM directory_revoked)
            """, in: transaction
        ) { "identity: session \($0) is open, and its token is refused" }
    }

    private static let keys = Check("identity: signing keys") { snapshots, report in
        let transaction = try snapshots.of("identity")
        try report.count("signing keys", "SELECT COUNT(*) FROM identity_key", in: transaction)
        let stored = try transaction.fetch("SELECT id, public, until FROM identity_key ORDER BY id LIMIT 1000")
        let known = try transaction.fetch("SELECT id, public, until FROM directory_key ORDER BY id LIMIT 1000")
        if stored.map(\.values) != known.map(\.values) {
            report.problem("identity: the published keys differ from the stored ones")
        }
        let signing = try transaction.fetchOne("SELECT id FROM identity_key WHERE sealed IS NOT NULL LIMIT 1")
        if !stored.isEmpty && signing == nil { report.problem("identity: there is no key to sign with") }
    }
}
