import Contracts
import Directory
import Storage
import Values
import Web

/// A session that has begun, with the token that is given out once and stored nowhere.
package struct NewSession: Sendable {
    package let id: ID
    package let person: Person
    package let token: String
    package let until: Instant
}

extension IdentityCommands {
    /// Begins a session of an active person and signs its token.
    /// - Parameter kind: a browser's; or a program's, which has a name and may live for up to a year.
    package func beginSession(of id: ID, address: String, _ act: Act) throws -> NewSession {
        try begin(
            .browser, of: id, name: "", address: address,
            until: act.now.adding(seconds: settings.sessionDays * 86_400), act)
    }

    /// A token for a program that acts as this person.
    package func createToken(for id: ID, name: String, days: Int64, _ act: Act) throws -> NewSession {
        guard (1...IdentitySettings.longestTokenDays).contains(days) else {
            throw Problem.invalid("days", "identity.token-days")
        }
        let name = try PersonRules.tokenName(name)
        let session = try begin(
            .program, of: id, name: name, address: "", until: act.now.adding(seconds: days * 86_400), act)
        try act.note(.token, name, of: id)
        return session
    }

    private func begin(
        _ kind: Session.Kind, of id: ID, name: String, address: String, until: Instant, _ act: Act
    ) throws -> NewSession {
        let person = try locked(id, act)
        guard person.active else { throw Problem.conflict("identity.not-active") }
        let session = act.environment.newID()
        try act.transaction.send(
            """
            INSERT INTO identity_session (id, person, kind, name, address, created_at, until, ended_at)
            VALUES (\(session), \(id), \(kind.rawValue), \(name), \(String(address.prefix(100))), \(act.now),
                    \(until), NULL)
            """)
        let key = try signingKey(act)
        let claims = Token.Claims(person: id, session: session, issued: act.now, expires: until)
        let token = try Token.sign(claims, keyID: key.id, privateKey: key.privateKey)
        return NewSession(id: session, person: person, token: token, until: until)
    }

    /// Ends one session, now and everywhere (X7). Ending one that has ended does nothing.
    package func endSession(_ id: ID, of person: ID, _ act: Act) throws {
        // The person's row first, as everywhere: events of one person are written in the order of this lock.
        _ = try locked(person, act)
        let rows = try act.transaction.fetch(
            """
            UPDATE identity_session SET ended_at = \(act.now)
            WHERE id = \(id) AND person = \(person) AND ended_at IS NULL RETURNING id, until, kind, name
            """)
        try tell(rows, of: person, act)
    }

    /// Ends all sessions of a person but one: "sign out everywhere", a deactivation, a new password.
    package func endSessions(of person: ID, except kept: ID? = nil, _ act: Act) throws {
        _ = try locked(person, act)
        try endSessions(of: person, kinds: [.browser, .program], except: kept, act)
    }

    func endSessions(of person: ID, kinds: [Session.Kind], except kept: ID?, _ act: Act) throws {
        let none = ID(high: 0, low: 0)
        let rows = try act.transaction.fetch(
            """
            UPDATE identity_session SET ended_at = \(act.now)
            WHERE person = \(person) AND ended_at IS NULL AND id <> \(kept ?? none)
            AND kind IN (\(list: kinds.map(\.rawValue))) RETURNING id, until, kind, name
            """)
        try tell(rows, of: person, act)
    }

    private func tell(_ rows: [Row], of person: ID, _ act: Act) throws {
        guard !rows.isEmpty else { return }
        let sessions = try rows.map { SessionsRevoked.Session(id: try $0(0), until: try $0(1)) }.sorted {
            $0.id < $1.id
        }
        try Directory.revoke(sessions.map { ($0.id, $0.until) }, in: act.transaction)
        let names = try rows.filter { try $0(2, as: String.self) == Session.Kind.program.rawValue }
            .map { try $0(3, as: String.self) }.sorted()
        // Signing out of a browser is not a change of the person; ending somebody's sessions or tokens is.
        if act.by != person || !names.isEmpty {
            try act.note(.ended, names.isEmpty ? String(sessions.count) : names.joined(separator: ", "), of: person)
        }
        // One event has room for a thousand; more sessions of one person are told in several.
        for start in stride(from: 0, to: sessions.count, by: 1000) {
            let part = Array(sessions[start..<min(start + 1000, sessions.count)])
            try publish(SessionsRevoked(person: person, sessions: part), act)
        }
    }
}
