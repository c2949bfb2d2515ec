import Foundation
import Payouts
import Storage
import Values

/// The payment provider of a run: it keeps what ``PaymentProvider`` promises, and no more. It outlives the program, and
/// no restore takes it back.
// Unchecked: a run uses one thread (see ``World``).
package final class SimulatedBank: OutsideProvider, @unchecked Sendable {
    struct Payment {
        var attempt: Int
        var status: PaymentAnswer.Status
        let person: ID
        let sum: Int64
        /// How often the installation had been restored when the payment was ordered.
        let restores: Int
    }

    package let name = "bank"
    package let atOnce = 4
    private unowned let world: World
    private(set) var payments: [ID: Payment] = [:]
    /// Every movement of money, by the key under which it was ordered.
    private(set) var moved: [ID: [Int64]] = [:]
    /// Payments under way, in order.
    private var accepted: [ID] = []
    /// Is called with each order before anything is done about it.
    var watch: (PaymentOrder, _ key: ID) -> Void = { _, _ in }

    init(world: World) {
        self.world = world
    }

    package func pay(_ orders: [PaymentOrder], keep: any Database) -> [Result<PaymentAnswer, any Error>] {
        orders.map { order in Result { try pay(order, key: order.payout) } }
    }

    /// Orders one payment under a key: the payout's key, except in a broken variant.
    package func pay(_ order: PaymentOrder, key: ID) throws -> PaymentAnswer {
        try begin("pay \(key), attempt \(order.attempt), \(order.sum.amount)")
        watch(order, key)
        if payments[key].map({ $0.status == .refused && order.attempt > $0.attempt }) ?? true { take(order, key) }
        try end()
        guard let payment = payments[key] else { throw ProviderTrouble("no such payment") }
        return answer(payment)
    }

    package func status(of payout: ID) throws -> PaymentAnswer? {
        try begin("how does \(payout) stand")
        try end()
        return payments[payout].map(answer)
    }

    private func begin(_ what: @autoclosure () -> String) throws {
        try world.reachOutside("bank: \(what())")
        if world.isArmed, world.bankAwayUntil > world.step {
            world.strike()
            throw ProviderTrouble("nobody answers")
        }
    }

    /// The call was carried out, but the caller may never learn of it.
    private func end() throws {
        world.standStill()
        try world.pass("outside | the bank was heard")
        if world.strikes(.crashAfterCall) { throw world.crash() }
        if world.strikes(.lostCallAnswer) { throw ProviderTrouble("the answer was lost") }
    }

    private func take(_ order: PaymentOrder, _ key: ID) {
        var payment = Payment(
            attempt: order.attempt, status: .paid, person: order.person, sum: order.sum.amount,
            restores: world.restores)
        if world.strikes(.paymentRefused) {
            payment.status = .refused
        } else if world.isArmed, world.faults.chance(0.2) {
            payment.status = .accepted
            accepted.append(key)
        } else {
            moved[key, default: []].append(payment.sum)
        }
        payments[key] = payment
    }

    private func answer(_ payment: Payment) -> PaymentAnswer {
        PaymentAnswer(
            payment.status, attempt: payment.attempt, reference: "bank-\(payment.attempt)",
            reason: payment.status == .refused ? "no such account" : nil)
    }

    // MARK: By itself

    var isWorking: Bool { !accepted.isEmpty }

    /// Finishes a payment that is under way, and returns the callback that reports it.
    func settle(_ dice: inout Dice) -> [UInt8]? {
        guard !accepted.isEmpty else { return nil }
        let key = accepted.remove(at: dice.below(accepted.count))
        guard var payment = payments[key] else { return nil }
        payment.status = world.strikes(.paymentRefused) ? .refused : .paid
        if payment.status == .paid { moved[key, default: []].append(payment.sum) }
        payments[key] = payment
        world.marks.reach("branch: a payment was settled later")
        return Array(
            "{\"payout\":\"\(key)\",\"attempt\":\(payment.attempt),\"status\":\"\(payment.status.rawValue)\"}".utf8)
    }

    private struct Notice: Decodable {
        let payout: ID
        let attempt: Int
        let status: PaymentAnswer.Status
    }

    package func notice(_ callback: ProviderCallback, now: Instant) throws(CallbackRefused) -> PaymentNotice {
        guard let notice = try? JSONDecoder().decode(Notice.self, from: Data(callback.body)) else { throw .unreadable }
        return PaymentNotice(payout: notice.payout, answer: PaymentAnswer(notice.status, attempt: notice.attempt))
    }
}
