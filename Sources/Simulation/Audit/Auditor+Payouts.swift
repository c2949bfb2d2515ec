import Composition
import Foundation
import Payouts
import Storage
import Values

/// The rules of payouts (X26 to X28): one payment and one letter for each payout, of its sum, to its person.
extension Auditor {
    private struct PayoutFact: Decodable {
        let payout: ID
        let person: ID
        let sum: Int64
        var attempt: Int?
    }

    /// Checks an event of Payouts: a close must have requested it, and the bank must have done it.
    func payout(_ name: String, _ data: Data) throws {
        guard ["payout-paid", "payout-failed"].contains(name) else { return }
        let fact = try JSONDecoder().decode(PayoutFact.self, from: data)
        guard let known = model.payouts[fact.payout], known.person == fact.person, known.sum == fact.sum else {
            throw Finding("\(name) tells of \(fact), which no close has asked for (X28)")
        }
        guard !known.isPaid else { throw Finding("\(name) of \(fact.payout), which was paid already (X28)") }
        let payment = world.bank.payments[fact.payout]
        guard let payment else { throw Finding("\(name) of \(fact.payout), of which the bank has never heard") }
        if name == "payout-paid" {
            guard payment.status == .paid else { throw Finding("\(fact) was paid, and the bank says \(payment)") }
            if payment.restores < world.restores {
                world.marks.reach("branch: a payment from before everything was put back")
            }
            // The same close may have come to another sum before the installation was restored.
            if payment.sum != known.sum {
                guard payment.restores < world.restores else {
                    throw Finding("the bank has paid \(payment.sum) for \(fact.payout), of \(known.sum)")
                }
                world.marks.reach("branch: a payment of another sum from before everything was put back")
            }
            model.payouts[fact.payout]?.isPaid = true
            world.marks.reach("branch: a payout was paid")
        } else {
            world.marks.reach("branch: a payout was refused")
        }
    }

    /// A close must have requested each order to the bank, with this sum, for this person.
    func ordered(_ order: PaymentOrder, key: ID) {
        guard let known = model.payouts[key], known.person == order.person, known.sum == order.sum.amount else {
            return complain("the bank was asked to pay \(order.sum.amount) under the key \(key): no close asked for it")
        }
        if known.isPaid, !isExcused("order") {
            complain("the bank was asked to pay \(key) again, which is told of as paid")
        }
        if (try? held().payouts) != false { complain("the bank was asked to pay \(key), and payouts are held (X28)") }
    }

    /// A letter that is recorded as taken by the server is sent again only as a copy that somebody asked for.
    func posted(_ letter: ID, copy: Int) {
        do {
            let accepted = try look("mailer") { transaction in
                try transaction.value(
                    """
                    SELECT COUNT(*) FROM attempt a JOIN letter l ON l.position = a.letter
                    WHERE l.id = \(letter) AND a.outcome = 'accepted'
                    """, as: Int.self) ?? 0
            }
            if try held().letters { complain("letter \(letter) is sent, and letters are held") }
            if accepted > copy, !isExcused("letter") {
                complain("letter \(letter) was taken, and is sent again (X27)")
            }
        } catch {
            complain("letter \(letter) is sent, and cannot be looked at: \(error)")
        }
    }

    /// Whether a call comes late, from a process that stood still after it recorded the call as on its way: no lease
    /// can take a call back. The key, and the Message-ID, make the second call harmless.
    private func isExcused(_ what: String) -> Bool {
        if world.isLate { world.marks.reach("branch: the same \(what) from a process that had stood still") }
        return world.isLate
    }

    // MARK: At rest

    /// Whether payouts and letters are on hold.
    func held() throws -> (payouts: Bool, letters: Bool) {
        (
            try look("payouts") { try $0.fetchOne("SELECT 1 FROM hold WHERE released_at IS NULL") != nil },
            try look("mailer") { try $0.fetchOne("SELECT 1 FROM outbox WHERE held_at IS NOT NULL") != nil }
        )
    }

    /// Whether something is on its way out and only needs time: a payment to be asked about, a letter to be sent.
    func isAnythingSent() throws -> Bool {
        try look("payouts") {
            try $0.fetchOne("SELECT 1 FROM payout WHERE state IN ('pending', 'sent') AND due_at IS NOT NULL") != nil
        } || look("mailer") { try $0.fetchOne("SELECT 1 FROM letter WHERE state = 'waiting'") != nil }
    }

    /// When the next thing that waits for a certain time is due: a payment, a letter, a parked event.
    func nextDue() throws -> Instant? {
        var due = [try look("payouts") { try $0.value("SELECT MIN(due_at) FROM payout", as: Instant?.self) ?? nil }]
        due.append(
            try look("mailer") { transaction in
                let letter = try transaction.value("SELECT MIN(next_try) FROM letter", as: Instant?.self) ?? nil
                let server = try transaction.value("SELECT paused_until FROM outbox", as: Instant?.self) ?? nil
                return letter.map { max($0, server ?? $0) }
            })
        due += try parkedDue()
        return due.compactMap(\.self).min()
    }

    /// Whether a parked event will be tried again without anybody asking for it.
    func isAnythingParkedDue() throws -> Bool { try parkedDue().contains { $0 != nil } }

    private func parkedDue() throws -> [Instant?] {
        try Services.names.filter { $0 != "identity" }.map { service in
            try look(service) { try $0.value("SELECT MIN(next_try) FROM parked_key", as: Instant?.self) ?? nil }
        }
    }

    /// The ledger has moved what the bank has paid, and nobody is forgotten.
    func checkPayouts() throws {
        let (rows, excused, waiting) = try look("payouts") { transaction in
            (
                try transaction.fetch(
                    "SELECT o.id, o.state, e.sealed FROM payout o LEFT JOIN payee e ON e.person = o.person"),
                Set(try transaction.fetch("SELECT id FROM parked").map { try $0(0, as: ID.self) }),
                try transaction.fetchOne("SELECT 1 FROM hold WHERE released_at IS NULL") != nil
            )
        }
        guard !waiting else { throw Finding("payouts are still held") }
        var states: [ID: String] = [:]
        for row in rows {
            let (id, state): (ID, String) = (try row(0), try row(1))
            states[id] = state
            let canBePaid = try row(2, as: [UInt8]?.self) != nil
            let isRight =
                switch state {
                case "paid": model.payouts[id]?.isPaid == true
                case "failed": world.bank.payments[id]?.status == .refused
                case "pending": !canBePaid
                default: false
                }
            guard isRight else { throw Finding("payout \(id) is \(state) at rest, the bank says \(told(id)) (X28)") }
        }
        for (id, known) in model.payouts.sorted(by: { $0.key < $1.key }) {
            // A request's event has the payout's id.
            guard states[id] != nil || excused.contains(id) else { throw Finding("payout \(id) is nowhere (X28)") }
            let sums = world.bank.moved[id] ?? []
            guard sums.count <= 1 else { throw Finding("the bank has paid \(id) \(sums.count) times (X28)") }
            guard known.isPaid == !sums.isEmpty || world.restores > 0 else {
                throw Finding("payout \(id): the bank says \(told(id)), and Payouts \(states[id] ?? "nothing")")
            }
        }
        try checkTransfers()
    }

    private func told(_ id: ID) -> String { world.bank.payments[id].map { "\($0)" } ?? "nothing" }

    /// Every payout that was reported as paid went from clearing to the bank once, and nothing else did.
    private func checkTransfers() throws {
        let (rows, set) = try look("accounting") { transaction in
            (
                try transaction.fetch("SELECT subject, amount FROM company_transfer"),
                try transaction.fetchOne("SELECT 1 FROM parked WHERE topic = 'payouts'") != nil
            )
        }
        var left = model.payouts.filter { $0.value.isPaid }
        for row in rows {
            let (id, amount): (ID, Int64) = (try row(0), try row(1))
            guard left.removeValue(forKey: id)?.sum == amount else {
                throw Finding("\(amount) went to the bank for \(id), which is not paid, or was booked already (X28)")
            }
        }
        guard left.isEmpty || set else { throw Finding("\(left.count) payouts are paid, and not booked to the bank") }
    }

    /// Exactly one letter for each close with a payout, with its sum, and no letter is left unsent.
    func checkLetters() throws {
        let (rows, excused) = try look("mailer") { transaction in
            (
                try transaction.fetch("SELECT id, person, day, kind, state, content FROM letter"),
                Set(try transaction.fetch("SELECT id FROM parked").map { try $0(0, as: ID.self) })
            )
        }
        var expected: [String: Int64] = [:]
        var set: Set<String> = []
        for (event, close) in model.paid {
            expected["\(close.person) \(close.day)"] = close.sum
            if excused.contains(event) { set.insert("\(close.person) \(close.day)") }
        }
        for row in rows {
            let (id, state): (ID, String) = (try row(0), try row(4))
            if state == "waiting" { throw Finding("letter \(id) still waits at rest (X27)") }
            if state == "sent", world.mail.taken[id] == nil {
                throw Finding("letter \(id) is sent, and the mail server has never seen it")
            }
            guard try row(3, as: String.self) == "payout" else { continue }
            let key = "\(try row(1, as: ID.self)) \(try row(2, as: Int.self))"
            guard let sum = expected.removeValue(forKey: key) else {
                throw Finding("letter \(id) is about no payout, or a second one about it (X27)")
            }
            if let content: [UInt8] = try row(5), !String(decoding: content, as: UTF8.self).contains("\"paid\":\(sum)")
            {
                throw Finding("letter \(id) tells of another sum than \(sum) (X27)")
            }
        }
        for key in expected.keys.sorted() where !set.contains(key) {
            throw Finding("no letter was written about the payout to \(key) (X27)")
        }
    }

    /// The figures match the sums of the facts (X30).
    func checkFigures(_ when: String) throws {
        let (days, balances, set) = try look("analytics") { transaction in
            (
                try transaction.fetch(
                    """
                    SELECT day, fees, rewards, operations, closes, below_zero FROM day_figure
                    WHERE generation = (SELECT current FROM generation)
                    """),
                try transaction.fetch(
                    "SELECT person, balance FROM person_balance WHERE generation = (SELECT current FROM generation)"),
                try transaction.fetchOne("SELECT 1 FROM parked WHERE topic = 'accounting'") != nil
            )
        }
        guard !set else { return world.marks.reach("branch: figures without what was given up") }
        var left = model.days.filter { $0.value != AuditModel.Totals() }
        for row in days {
            let day: Int = try row(0)
            let totals = left.removeValue(forKey: day) ?? AuditModel.Totals()
            let shown: [Int64] = try (1...5).map { try row($0) }
            let known = [
                totals.fees, totals.rewards, Int64(totals.operations), Int64(totals.closes), Int64(totals.belowZero),
            ]
            guard shown == known else {
                throw Finding("\(when), the figures of \(Day(number: day)) are \(shown), and should be \(known) (X30)")
            }
        }
        if let day = left.keys.min() { throw Finding("\(when), there are no figures of \(Day(number: day)) (X30)") }
        for row in balances {
            let person: ID = try row(0)
            guard try row(1, as: Int64.self) == model.accounts[person]?.balance else {
                throw Finding("\(when), the balance of \(person) is shown as \(row.values) (X32)")
            }
        }
        world.marks.reach("branch: figures were counted anew")
    }

    /// The latest rebuild has finished, with the same figures.
    func checkRebuild() throws {
        let row = try look("analytics") { transaction in
            try transaction.fetchOne(
                "SELECT state, digest_before, digest_after FROM rebuild ORDER BY generation DESC LIMIT 1")
        }
        guard let row, try row(0, as: String.self) == "done" else { throw Finding("a rebuild did not end (X33)") }
        guard try row(1, as: String?.self) == row(2, as: String?.self) else {
            throw Finding("a rebuild came to other figures than the live ones (X33)")
        }
        world.marks.reach("branch: a rebuild was equal to the live figures")
    }
}
