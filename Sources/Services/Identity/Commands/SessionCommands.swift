import Contracts
import Directory
import Storage
import Values
import Web

/// A session that has begun, with its token. The token is given out once and never stored.
package struct NewSession: Sendable {
    package let id: ID
    package let person: Person
    package let token: String
    package let until: Instant

    /// The browser's cookie for this session.
    func cookie(now: Instant) -> Cookie {
        let age = max(1, Int((until.milliseconds - now.milliseconds) / 1000))
        return Cookie(name: EndpointRunner.sessionCookie, value: token, maxAge: age)
    }
}

extension IdentityCommands {
    /// Begins a session of an active person who has just proved who they are, and signs its token.
    /// - Parameters:
    ///   - agent: what the browser calls itself.
    ///   - ways: how they proved it.
    package func beginSession(
        of id: ID, address: String, agent: String = "", ways: [Way], _ act: CommandContext
    ) throws -> NewSession {
        try begin(
            .browser, of: id, name: "", address: address, agent: agent, ways: ways, scopes: nil,
            until: act.now.adding(seconds: settings.sessionDays * 86_400), act)
    }

    /// A new token for the session of a person who has just proved again who they are. The old token stays valid for
    /// everything that needs no fresh proof: other pages of the same browser may be using it at this moment.
    func proveAgain(_ id: ID, _ act: CommandContext) throws -> NewSession {
        let session = try SessionQueries.find(id, in: act.transaction)
        let person = try locked(session.person, act)
        guard session.kind == .browser else { throw Problem(403, "identity.no-browser") }
        return try sign(session.id, person, until: session.until, proven: act.now, scopes: nil, act)
    }

    /// A token for a program that acts as this person. It can read what the person can read, and change what its scopes
    /// allow.
    /// - Parameters:
    ///   - days: its lifetime, 1 to 366.
    ///   - scopes: some of ``Scope``.
    ///   - granting: the scopes of the program that asks for the token; it cannot give more than it has.
    package func createToken(
        for id: ID, name: String, days: Int64, scopes: Set<String> = [], granting: Set<String>? = nil,
        _ act: CommandContext
    ) throws -> NewSession {
        guard (1...IdentitySettings.longestTokenDays).contains(days) else {
            throw Problem.invalid("days", "identity.token-days")
        }
        let name = try PersonRules.tokenName(name)
        guard scopes.isSubset(of: Scope.all) else {
            throw Problem.invalid("scopes", "identity.scopes", values: ["scopes": Scope.all.joined(separator: ", ")])
        }
        if let granting, !scopes.isSubset(of: granting) { throw Problem(403, "identity.scopes-wider") }
        let session = try begin(
            .program, of: id, name: name, address: "", scopes: scopes,
            until: act.now.adding(seconds: days * 86_400), act)
        let may = scopes.isEmpty ? "" : ": " + scopes.sorted().joined(separator: ", ")
        try act.note(.token, name + may, of: id)
        try announce(.token, of: id, after: name, act)
        return session
    }

    private func begin(
        _ kind: Session.Kind, of id: ID, name: String, address: String, agent: String? = nil, ways: [Way]? = nil,
        scopes: Set<String>?, until: Instant, _ act: CommandContext
    ) throws -> NewSession {
        let person = try locked(id, act)
        guard person.active else { throw Problem.conflict("identity.not-active") }
        let session = act.environment.newID()
        let column = scopes?.sorted().joined(separator: " ")
        let used = ways?.map(\.rawValue).joined(separator: " ")
        try act.transaction.send(
            """
            INSERT INTO identity_session (id, person, kind, name, address, created_at, until, ended_at, scopes, ways,
                    agent)
            VALUES (\(session), \(id), \(kind.rawValue), \(name), \(address.beginning(100)), \(act.now),
                    \(until), NULL, \(column.stored), \(used.stored), \(agent.stored))
            """)
        return try sign(
            session, person, until: until, proven: kind == .browser ? act.now : nil, scopes: scopes, act)
    }

    private func sign(
        _ session: ID, _ person: Person, until: Instant, proven: Instant?, scopes: Set<String>?, _ act: CommandContext
    ) throws -> NewSession {
        let key = try signingKey(act)
        let claims = Token.Claims(
            person: person.id, session: session, issued: act.now, expires: until, proven: proven, scopes: scopes)
        let token = try Token.sign(claims, keyID: key.id, privateKey: key.privateKey)
        return NewSession(id: session, person: person, token: token, until: until)
    }

    /// Stores when sessions were last used, as reported by the processes.
    package func noteUses(_ uses: [ID: Instant], now: Instant, in transaction: any Transaction) throws {
        // A stored time in the future came from a wrong clock, so it is replaced.
        try transaction.send(
            """
            UPDATE identity_session SET used_at = ?
            WHERE id = ? AND (used_at IS NULL OR used_at < ? OR used_at > ?)
            """,
            rows: uses.sorted { $0.key < $1.key }.map {
                [$0.value.stored, $0.key.stored, $0.value.stored, now.stored]
            })
    }

    /// Ends one session, now and everywhere (X7). Does nothing if it has ended already.
    package func endSession(_ id: ID, of person: ID, _ act: CommandContext) throws {
        // As everywhere, the person's row is locked first: one person's events are written in the order of this lock.
        _ = try locked(person, act)
        let rows = try act.transaction.fetch(
            """
            UPDATE identity_session SET ended_at = \(act.now)
            WHERE id = \(id) AND person = \(person) AND ended_at IS NULL RETURNING id, until, kind, name
            """)
        try tell(rows, of: person, act)
    }

    /// Ends all sessions of a person but one: "sign out everywhere", a deactivation, a new password.
    /// - Parameter kept: the browser session that stays; a program's token never stays.
    package func endSessions(of person: ID, except kept: ID? = nil, _ act: CommandContext) throws {
        _ = try locked(person, act)
        let none = ID(high: 0, low: 0)
        let rows = try act.transaction.fetch(
            """
            UPDATE identity_session SET ended_at = \(act.now)
            WHERE person = \(person) AND ended_at IS NULL
            AND (id <> \(kept ?? none) OR kind <> 'browser') RETURNING id, until, kind, name
            """)
        try tell(rows, of: person, act)
    }

    private func tell(_ rows: [Row], of person: ID, _ act: CommandContext) throws {
        guard !rows.isEmpty else { return }
        let sessions = try rows.map { SessionsRevoked.Session(id: try $0(0), until: try $0(1)) }.sorted {
            $0.id < $1.id
        }
        try Directory.revoke(sessions.map { ($0.id, $0.until) }, in: act.transaction)
        let names = try rows.filter { try $0(2, as: String.self) == Session.Kind.program.rawValue }
            .filter { try $0(1, as: Instant.self) > act.now }.map { try $0(3, as: String.self) }.sorted()
        let told = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? " …" : "")
        // Signing out of a browser is not a change of the person; ending someone else's sessions, or tokens, is.
        if act.by != person || !names.isEmpty {
            try act.note(.ended, names.isEmpty ? String(sessions.count) : told, of: person)
        }
        if !names.isEmpty { try announce(.tokensEnded, of: person, after: told, act) }
        // One event has room for a thousand sessions; more are published in several events.
        for part in sessions.chunks(of: 1000) {
            try publish(SessionsRevoked(person: person, sessions: part, by: act.by), act)
        }
    }
}
