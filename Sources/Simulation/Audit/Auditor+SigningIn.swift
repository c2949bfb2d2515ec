import Foundation
import Storage
import Values

/// What must be true of how people get in: a session begins for an active person, by a proof that holds, and once by
/// what works once.
extension Auditor {
    /// A browser's session, as it is stored.
    struct Begun: Sendable {
        let id: ID
        let person: ID
        /// How the person proved who they are.
        let ways: [String]
    }

    /// What somebody proves who they are with.
    enum Proof: Sendable {
        case link(MailedLink)
        case password(String, of: ID)
        /// A passkey, by its name.
        case passkey(String, counter: UInt32, challenge: [UInt8])
        /// A passkey that is made at this moment, by its name.
        case made(String)
        /// The ticket of the second step.
        case step(String)

        /// As Identity calls it.
        var way: String? {
            switch self {
            case .link: "link"
            case .password: "password"
            case .passkey, .made: "passkey"
            case .step: nil
            }
        }

        /// The name of what works once.
        var once: String? {
            switch self {
            case .link(let link): "link \(link.ask)"
            case .passkey(_, _, let challenge): "challenge \(Base64URL.encode(challenge))"
            case .step(let ticket): "second step \(ticket)"
            case .password, .made: nil
            }
        }
    }

    // MARK: Following

    private struct AccessFact: Decodable {
        let person: ID
        let what: String
        let after: String?
    }

    func access(_ trace: String, _ data: Data) throws {
        let fact = try JSONDecoder().decode(AccessFact.self, from: data)
        let name = fact.after ?? ""
        switch fact.what {
        case "password": model.passwords[fact.person] = AuditModel.password(setBy: trace)
        case "passkey":
            guard model.passkeys[name] == nil else { throw Finding("the passkey \(name) was made twice") }
            model.passkeys[name] = AuditModel.Passkey(person: fact.person, counter: HeldPasskey.first)
            world.marks.reach("branch: a passkey was made")
        case "passkey-removed":
            guard model.passkeys.removeValue(forKey: name) != nil else {
                throw Finding("the passkey \(name) was removed, and is not there")
            }
            world.marks.reach("branch: a passkey was removed")
        case "passkey-suspect":
            guard model.passkeys[name]?.isSuspect == false else {
                throw Finding("the passkey \(name) is not there, or was under suspicion already")
            }
            model.passkeys[name]?.isSuspect = true
            world.marks.reach("branch: a copied passkey was found out")
        default: break
        }
    }

    // MARK: Sessions

    /// All sessions of browsers.
    func sessions() throws -> [ID: Begun] {
        let rows = try look("identity") { transaction in
            try transaction.fetch("SELECT id, person, ways FROM identity_session WHERE kind = 'browser'")
        }
        var sessions: [ID: Begun] = [:]
        for row in rows {
            let (id, person, ways): (ID, ID, String?) = (try row(0), try row(1), try row(2))
            let words = (ways ?? "").split(separator: " ").map(String.init)
            sessions[id] = Begun(id: id, person: person, ways: words)
        }
        return sessions
    }

    /// Checks what has begun with one request.
    /// - Parameters:
    ///   - proofs: what the request had; empty if nothing may begin.
    ///   - known: what was known before it.
    func check(_ begun: [Begun], by proofs: [Proof], _ known: AuditModel) throws {
        guard let session = begun.first else { return }
        guard begun.count == 1 else { throw Finding("one request began \(begun.count) sessions") }
        let words = "a session of \(session.person) by \(session.ways.joined(separator: ", ")) began"
        guard let person = known.people[session.person], person.active else {
            throw Finding("\(words), who is not active (X7)")
        }
        guard session.ways == proofs.compactMap(\.way) else { throw Finding("\(words), and that was not proved") }
        if !person.roles.isDisjoint(with: world.passkeyRoles), !session.ways.contains("passkey") {
            throw Finding("\(words) without a passkey (X6)")
        }
        let epoch = try self.epoch()
        for proof in proofs {
            guard try holds(proof, for: session.person, known, epoch) else {
                throw Finding("\(words), by a proof that does not hold: \(proof)")
            }
            if let once = proof.once, spent.updateValue(epoch, forKey: once) == epoch {
                throw Finding("\(words), and it is the second one by the same \(once)")
            }
        }
    }

    private func holds(_ proof: Proof, for person: ID, _ known: AuditModel, _ epoch: Int64) throws -> Bool {
        switch proof {
        case .link(let link): return link.person == person && link.epoch == epoch
        case .password(let text, let owner): return owner == person && known.passwords[person] == text
        case .passkey(let name, let counter, _):
            guard let passkey = known.passkeys[name], passkey.person == person, !passkey.isSuspect,
                counter > passkey.counter
            else { return false }
            model.passkeys[name]?.counter = counter
            return true
        case .made(let name): return model.passkeys[name]?.person == person
        case .step: return true
        }
    }

    /// Whether it has begun a session since the last restore.
    func isSpent(_ proof: Proof) throws -> Bool {
        guard let once = proof.once, let epoch = spent[once] else { return false }
        return try epoch == self.epoch()
    }

    /// Until when it is kept that something was used; `nil` if nothing is.
    func spentUntil() throws -> Instant? {
        try look("identity") { try $0.value("SELECT MAX(until) FROM identity_spent", as: Instant?.self) ?? nil }
    }
}
