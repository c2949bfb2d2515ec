import Composition
import Values
import Web

/// Letters with links that sign in (S8).
extension Workload {
    /// Mostly somebody whom the exchange knows asks for a letter.
    func askForLetter(_ exchange: Exchange) throws {
        let known = dice.chance(0.85) ? addressed().flatMap { model.people[$0]?.email } : nil
        let email = known ?? "p\(dice.below(count + 1))@example.com"
        let reply = try post("/sign-in/link", [(name: "email", value: email)], exchange)
        guard reply.isCertain, reply.status != 303, reply.wait == nil else { return }
        throw Finding("a letter with a link was asked for, and the answer is \(reply.status)")
    }

    /// The links of the letters that have come since they were looked for.
    func newLinks() -> ArraySlice<MailedLink> {
        defer { ways.opened = world.mail.links.count }
        return world.mail.links[ways.opened...]
    }

    /// How often a new link is used at once.
    func uses() -> Int { dice.weighted([(0, 0.15), (1, 0.35), (2, 0.4), (3, 0.1)]) }

    /// Uses a link.
    /// - Returns: whether an answer came.
    @discardableResult
    func use(_ link: MailedLink, _ exchange: Exchange) throws -> Bool {
        let proof = Auditor.Proof.link(link)
        let (isNew, isSpent) = (ways.tried.insert(link.ask).inserted, try auditor.isSpent(proof))
        let age = world.time.milliseconds - link.made.milliseconds
        let isGood = try isNew && link.epoch == auditor.epoch() && (0..<900_000).contains(age) && isActive(link.person)
        let reply = try post(link.path, [(name: "next", value: "/")], by: [proof], exchange)
        guard reply.answer != nil else { return false }
        // 303 with a session, or 200 with the second step.
        guard reply.status < 400 else {
            world.marks.reach("branch: a link was refused")
            if isSpent, age < 900_000 { world.marks.reach("branch: a link was used again") }
            if isGood, reply.isCertain { throw Finding("a new link is answered \(reply.status)") }
            return true
        }
        guard age < 900_000, age > -60_000 else { throw Finding("a link is good that was made \(age) ms ago") }
        let entered = try enter(reply, by: proof, link.person, exchange)
        guard let visit = entered.visit else { return true }
        world.marks.reach("branch: a link signed somebody in")
        if world.isArmed, dice.chance(0.4) { try makePasskey(visit, exchange) }
        return true
    }
}
