import ServiceKit
import Values

/// The mail server of a run: takes letters, refuses them, is away for days, or takes one and its answer is lost.
// Unchecked: a run uses one thread (see ``World``).
final class SimulatedMail: MailTransport, @unchecked Sendable {
    let address = "smtp://mail.example.com:25"
    private unowned let world: World
    /// How often each letter was taken, by its id.
    private(set) var taken: [ID: Int] = [:]
    /// Is called with each letter before anything is done about it.
    var watch: (_ letter: ID, _ copy: Int) -> Void = { _, _ in }

    init(world: World) {
        self.world = world
    }

    /// The links that sign somebody in, of the letters that were taken, in their order.
    private(set) var links: [MailedLink] = []
    /// The epoch in Identity's database: see ``MailedLink/epoch``.
    var epoch: () throws -> Int64 = { 0 }

    /// Sets the letters that were taken before.
    func take(_ letters: [ID: Int], _ links: [MailedLink]) { (taken, self.links) = (letters, links) }

    func send(from: String, to recipient: String, message: [UInt8]) -> Delivery {
        let head = String(decoding: message.prefix(2000), as: UTF8.self)
        guard let start = head.firstRange(of: "Message-ID: <")?.upperBound,
            let letter = ID(String(head[start...].prefix(36)))
        else { return Delivery(.refused, code: 550, words: "no Message-ID") }
        let rest = head[start...].dropFirst(36)
        let copy = rest.hasPrefix(".") ? Int(rest.dropFirst().prefix { $0.isNumber }) ?? 0 : 0
        do { try world.reachOutside("mail: \(letter) to \(recipient)") } catch {
            return Delivery(.away, words: "\(error)")
        }
        watch(letter, copy)
        if world.isArmed, world.mailAwayUntil > world.time {
            world.strike()
            return Delivery(.away, words: "no route to host")
        }
        if world.strikes(.mailLater) { return Delivery(.later, code: 451, words: "come again later") }
        if world.strikes(.mailRefused) { return Delivery(.refused, code: 550, words: "no such mailbox") }
        taken[letter, default: 0] += 1
        if let link = MailedLink(in: message, epoch: (try? epoch()) ?? 0) { links.append(link) }
        world.standStill()
        do { try world.pass("outside | the mail server was heard") } catch { return Delivery(.away, words: "\(error)") }
        if world.strikes(.crashAfterCall) { _ = world.crash() }
        if world.strikes(.lostCallAnswer) { return Delivery(.away, words: "the answer was lost") }
        return Delivery(.accepted, code: 250, words: "taken")
    }
}
