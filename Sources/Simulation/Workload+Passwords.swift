import Composition
import Foundation
import Values
import Web

/// Passwords: set with a link, used, and guessed.
extension Workload {
    /// Signs in with a password, mostly the right one.
    func usePassword(_ exchange: Exchange) throws {
        guard let person = dice.pick(model.passwords.keys.sorted()), let right = model.passwords[person] else { return }
        // Sometimes an earlier one.
        let others = [AuditModel.password(setBy: "guess"), AuditModel.password(setBy: "word-\(dice.below(count + 1))")]
        let isRight = dice.chance(0.65)
        let guessed = dice.pick(others) ?? ""
        let reply = try usePassword(isRight ? right : guessed, of: person, exchange)
        if let visit = reply.visit, dice.chance(0.5) { try makePasskey(visit, exchange) }
    }

    func usePassword(_ password: String, of person: ID, _ exchange: Exchange) throws -> Reply {
        let email = model.people[person]?.email ?? ""
        let isRight = model.passwords[person] == password && isActive(person)
        let proof = Auditor.Proof.password(password, of: person)
        let fields = [(name: "email", value: email), (name: "password", value: password), (name: "next", value: "/")]
        let reply = try post("/sign-in", fields, by: [proof], exchange)
        guard reply.answer != nil, reply.wait == nil else { return reply }
        // 303 with a session, or 200 with the second step.
        let isIn = reply.status < 400
        guard isIn == isRight || (isRight && !reply.isCertain) else {
            throw Finding("a \(isRight ? "right" : "wrong") password of \(person) is answered \(reply.status)")
        }
        guard isIn else {
            if !isRight { world.marks.reach("branch: a wrong password was refused") }
            return reply
        }
        let entered = try enter(reply, by: proof, person, exchange)
        if entered.visit != nil { world.marks.reach("branch: a password signed somebody in") }
        return entered
    }

    private struct WelcomeLink: Decodable {
        let path: String
    }

    /// An admin makes a link with which somebody sets a password. Some use it twice.
    func setPassword(_ exchange: Exchange) throws {
        guard let admin = somebody(holding: ["admin"]), let person = addressed() else { return }
        let made = try ask(
            WebRequest(
                "POST", "/api/people/\(person)/welcome-links", id: key("welcome"), credential: .local(admin)),
            exchange)
        guard made.status == 201, let answer = made.answer else { return }
        let link = try JSONDecoder().decode(WelcomeLink.self, from: Data(answer.body))
        let first = try setPassword(with: link.path, of: person, exchange)
        guard first.isSet else { return }
        world.marks.reach("branch: a link set a password")
        guard dice.chance(0.5) else { return }
        let second = try setPassword(with: link.path, of: person, exchange)
        guard !second.isSet else { throw Finding("a link for a password of \(person) works twice") }
        if second.status == 404 { world.marks.reach("branch: a link for a password was used again") }
    }

    private func setPassword(
        with path: String, of person: ID, _ exchange: Exchange
    ) throws -> (isSet: Bool, status: Int) {
        let request = key("word")
        let password = AuditModel.password(setBy: request)
        let reply = try post(path, [(name: "password", value: password)], id: request, exchange)
        let isSet = model.passwords[person] == password
        if reply.isCertain, isSet != (reply.status == 303) {
            throw Finding("a password of \(person) is set: \(isSet), and the answer is \(reply.status)")
        }
        return (isSet, reply.status)
    }
}
