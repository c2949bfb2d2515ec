import Composition
import Storage
import Values
import Web

/// Passkeys: made, used, copied, and removed.
extension Workload {
    /// What was sent to sign in with a passkey.
    struct Assertion: Sendable {
        let response: String
        let proof: Auditor.Proof
    }

    private var address: String { world.company.publicAddress }

    /// Whether it lets its person in.
    func isUsable(_ passkey: HeldPasskey) -> Bool {
        isActive(passkey.person) && model.passkeys[passkey.name]?.isSuspect == false
    }

    private func newPasskey(of person: ID) -> HeldPasskey {
        let passkey = HeldPasskey(name: key("passkey"), of: person, &dice)
        ways.passkeys.append(passkey)
        return passkey
    }

    /// The challenge in a page, or in JSON.
    private static func challenge(in text: String) -> [UInt8]? {
        let found = part(of: text, after: "challenge&quot;:&quot;") ?? part(of: text, after: "\"challenge\":\"")
        return found.flatMap { Base64URL.decode($0) }
    }

    // MARK: Making

    /// Makes a passkey, on one's own page. The form is sent twice sometimes, and makes one.
    func makePasskey(_ visit: Visit, _ exchange: Exchange) throws {
        let page = try get("/me/passkeys/new", in: visit, exchange)
        guard page.status == 200, let challenge = Workload.challenge(in: page.text) else { return }
        let passkey = newPasskey(of: visit.person)
        let fields = [
            (name: "name", value: passkey.name), (name: "once", value: passkey.name),
            (name: "response", value: try passkey.registration(challenge, at: address)),
        ]
        for _ in 0..<(dice.chance(0.2) ? 2 : 1) {
            let reply = try post("/me/passkeys", fields, in: visit, exchange)
            // There may be too many already.
            guard reply.isCertain, model.passkeys[passkey.name] == nil, reply.status != 409 else { continue }
            throw Finding("a passkey was to be made, and the answer is \(reply.status)")
        }
    }

    // MARK: Using

    /// Signs in with a passkey, or tries to: with a copy of it, or with an answer that was sent before.
    func usePasskey(_ exchange: Exchange) throws {
        if dice.chance(0.15), let latest = ways.latest { return try sendAgain(latest, exchange) }
        guard let place = dice.pick(Array(ways.passkeys.indices.suffix(12))) else { return }
        let isCopy = dice.chance(0.15)
        let reply = try usePasskey(at: place, copied: isCopy, exchange)
        guard let visit = reply.visit else { return }
        if dice.chance(0.3), let latest = ways.latest { try sendAgain(latest, exchange) }
        if dice.chance(0.1) { try makePasskey(visit, exchange) }
    }

    /// - Parameter isCopy: whether somebody has copied it, and has counted less far.
    func usePasskey(at place: Int, copied isCopy: Bool = false, _ exchange: Exchange) throws -> Reply {
        let options = try get("/sign-in/passkey/options", exchange)
        guard options.status == 200, let challenge = Workload.challenge(in: options.text) else { return options }
        let assertion = try self.assertion(at: place, copied: isCopy, challenge)
        let (name, stored) = (ways.passkeys[place].name, model.passkeys[ways.passkeys[place].name])
        let isGood = isUsable(ways.passkeys[place]) && !isCopy
        let reply = try send(assertion, exchange)
        guard reply.answer != nil, reply.wait == nil else { return reply }
        if reply.isCertain, isGood != (reply.visit != nil) {
            throw Finding("\(name), \(stored as Any), \(isCopy ? "copied" : "used"), is answered \(reply.status)")
        }
        if let visit = reply.visit {
            world.marks.reach("branch: a passkey signed somebody in")
            try look(visit, exchange)
        } else if stored == nil {
            world.marks.reach("branch: an unknown passkey was refused")
        } else if stored?.isSuspect == true {
            world.marks.reach("branch: a suspect passkey was refused")
        } else if isCopy, reply.isCertain, isActive(ways.passkeys[place].person),
            model.passkeys[name]?.isSuspect != true
        {
            throw Finding("\(name) was copied, and is not under suspicion (X6)")
        }
        return reply
    }

    private func assertion(at place: Int, copied isCopy: Bool, _ challenge: [UInt8]) throws -> Assertion {
        let name = ways.passkeys[place].name
        // Not further than the last use that the auditor knows of.
        if isCopy, let counter = model.passkeys[name]?.counter {
            return Assertion(
                response: try ways.passkeys[place].copy(counter, challenge, at: address),
                proof: .passkey(name, counter: counter, challenge: challenge))
        }
        let response = try ways.passkeys[place].assertion(challenge, at: address)
        let counter = ways.passkeys[place].counter
        return Assertion(response: response, proof: .passkey(name, counter: counter, challenge: challenge))
    }

    private func send(_ assertion: Assertion, _ exchange: Exchange) throws -> Reply {
        ways.latest = assertion
        let fields = [(name: "response", value: assertion.response), (name: "next", value: "/")]
        return try post("/sign-in/passkey", fields, by: [assertion.proof], exchange)
    }

    /// Somebody has overheard an answer, and sends it again.
    private func sendAgain(_ assertion: Assertion, _ exchange: Exchange) throws {
        let isSpent = try auditor.isSpent(assertion.proof)
        let reply = try send(assertion, exchange)
        guard reply.answer != nil, isSpent, reply.wait == nil else { return }
        if reply.visit != nil { throw Finding("an answer with a passkey was good twice") }
        world.marks.reach("branch: a passkey's answer was used again")
    }

    // MARK: The second step

    /// - Parameters:
    ///   - reply: the answer to the first step, with the page for the second.
    ///   - ticket: in that page.
    func takeSecondStep(
        _ reply: Reply, _ ticket: String, by first: Auditor.Proof, _ person: ID, _ exchange: Exchange
    ) throws -> Reply {
        // Whoever has only passkeys under suspicion cannot go on.
        guard let challenge = Workload.challenge(in: reply.text) else { return reply }
        let step = [
            (name: "ticket", value: ticket), (name: "way", value: first.way ?? ""), (name: "next", value: "/"),
        ]
        let makes = reply.text.contains("data-passkey=\"create\"")
        let second: Reply
        if makes {
            let passkey = newPasskey(of: person)
            let response = try passkey.registration(challenge, at: address)
            second = try post(
                "/sign-in/second/new",
                step + [(name: "name", value: passkey.name), (name: "response", value: response)],
                by: [first, .step(ticket), .made(passkey.name)], exchange)
        } else {
            let place = ways.passkeys.lastIndex { $0.person == person && isUsable($0) }
            guard let place else { return reply }
            let assertion = try self.assertion(at: place, copied: false, challenge)
            second = try post(
                "/sign-in/second", step + [(name: "response", value: assertion.response)],
                by: [first, .step(ticket), assertion.proof], exchange)
        }
        if let visit = second.visit {
            let what = makes ? "the first passkey was made as the second step" : "a passkey was the second step"
            world.marks.reach("branch: \(what)")
            try look(visit, exchange)
        } else if second.isCertain, second.wait == nil {
            throw Finding("the second step of \(person) is answered \(second.status)")
        }
        return second
    }

    // MARK: Removing

    /// An admin removes somebody's passkey.
    func removePasskey(_ exchange: Exchange) throws {
        guard let admin = somebody(holding: ["admin"]), let name = dice.pick(model.passkeys.keys.sorted()),
            let person = model.passkeys[name]?.person
        else { return }
        let id: ID? = try auditor.look("identity") { transaction in
            try transaction.value("SELECT id FROM identity_passkey WHERE name = \(name)")
        }
        guard let id else { throw Finding("the passkey \(name) is nowhere") }
        let path = "/api/people/\(person)/passkeys/\(id)"
        try send(json(.anything, "DELETE", path, by: admin, "identity", roles: ["admin"]), exchange)
    }
}
