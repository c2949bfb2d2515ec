import Directory
import Foundation
import Messaging
import Storage
import Synchronization
import Values

/// Sends payouts to the provider, between two transactions. The first transaction marks them as sent, with an attempt;
/// then the provider is called; the second transaction records the answer. If the process dies in between, or no answer
/// comes, the job asks the provider about the payment. It orders the payment again, under the same key, only if the
/// provider knows nothing of it. So nobody is paid twice, and nobody is forgotten.
final class SendPayouts: Sendable {
    let company: Company
    let vault: Vault
    let codes: PayoutCodes
    let provider: any PaymentProvider
    /// The providers that earlier payouts may have been sent through, and the present one, by name.
    let known: [String: any PaymentProvider]
    let take: RecordProviderAnswer
    /// After trouble that affects every payout, the provider counts as away and is not called until this time.
    private let quiet = Mutex<(until: Int64, pause: Int64)>((.min, 0))

    init(
        company: Company, vault: Vault, codes: PayoutCodes, provider: any PaymentProvider,
        known: [String: any PaymentProvider],
        take: RecordProviderAnswer
    ) {
        self.company = company
        self.vault = vault
        self.codes = codes
        self.provider = provider
        self.known = known
        self.take = take
    }

    /// A payout to order or to ask about, as claimed in the first transaction.
    private struct Claim: Sendable {
        let payout: Payout
        let attempt: Attempt
        let name: String
        /// New: order it. Otherwise ask about it first.
        let isNew: Bool
    }

    private struct Outcome: Sendable {
        let claim: Claim
        /// `nil` if there is nothing to record yet.
        let result: Result<PaymentAnswer, any Error>?
    }

    /// No provider was called, so this does not show whether one is away.
    private struct NotAsked: Error, CustomStringConvertible {
        let description: String
    }

    /// The pauses before the provider is asked again, in seconds, by the number of times that it was asked.
    private static let pauses: [Int64] = [30, 60, 120, 300, 600, 1800, 3600]

    static func pause(after tries: Int) -> Int64 { pauses[min(max(tries, 1), pauses.count) - 1] }

    /// Orders what is due, then asks about what is due. So payouts that give trouble each time, a few of them or all of
    /// an earlier provider, do not keep new ones from going out.
    func step(_ database: any Database, _ environment: Values.Environment) throws -> Bool {
        guard quiet.withLock({ $0.until }) <= environment.uptime() else { return false }
        let now = environment.now()
        try bringBack(at: now, in: database)
        let isHeld = try database.read { try Hold.current(in: $0) != nil }
        var moved = false
        if !isHeld {
            moved = try work(.pending, isHeld, database, environment) { try self.claimPending(now: now, in: $0) }
        }
        guard quiet.withLock({ $0.until }) <= environment.uptime() else { return moved }
        return try work(.sent, isHeld, database, environment) { try self.claimSent(now: now, in: $0) } || moved
    }

    private func work(
        _ state: Payout.State, _ isHeld: Bool, _ database: any Database, _ environment: Values.Environment,
        claim: @escaping @Sendable (any Transaction) throws -> [Claim]
    ) throws -> Bool {
        guard try database.read({ try self.isAnythingDue(state, now: environment.now(), in: $0) }) else {
            return false
        }
        let claims = try database.write(claim)
        guard !claims.isEmpty else { return false }
        let outcomes = call(claims, isHeld, database)
        let now = environment.now()
        try database.write { [take] transaction in
            for outcome in outcomes {
                let payout = outcome.claim.payout.id
                switch outcome.result {
                case .success(let answer):
                    try take(answer, of: payout, from: outcome.claim.attempt.provider, now: now, in: transaction)
                case .failure(let error):
                    try transaction.send(
                        """
                        UPDATE attempt SET trouble = \(String("\(error)".prefix(500)))
                        WHERE payout = \(payout) AND number = \(outcome.claim.attempt.number)
                        """)
                case nil: break
                }
            }
        }
        rest(after: outcomes, environment.uptime())
        return true
    }

    /// A payout that waits longer than the longest pause was scheduled before the clock was put back: it is due now
    /// (X65).
    private func bringBack(at now: Instant, in database: any Database) throws {
        let latest = now.adding(seconds: SendPayouts.pauses.max() ?? 0)
        for state in [Payout.State.pending, .sent] {
            let late = try database.read { transaction in
                try transaction.fetchOne(
                    "SELECT id FROM payout WHERE state = \(state.rawValue) AND due_at > \(latest) LIMIT 1") != nil
            }
            guard late else { continue }
            try database.write {
                try $0.send(
                    "UPDATE payout SET due_at = \(now) WHERE state = \(state.rawValue) AND due_at > \(latest)")
            }
        }
    }

    /// Reads one row of an index, so that an idle job writes nothing.
    private func isAnythingDue(_ state: Payout.State, now: Instant, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne(
            """
            SELECT id FROM payout WHERE state = \(state.rawValue) AND due_at <= \(now) AND limited = 0
            ORDER BY due_at LIMIT 1
            """) != nil
    }

    /// While the provider is away, it is called after growing pauses, a minute at most, and not once for each payout.
    private func rest(after outcomes: [Outcome], _ uptime: Int64) {
        let troubles = outcomes.compactMap(\.result).map { result -> (any Error)? in
            if case .failure(let error) = result { error } else { nil }
        }.filter { !($0 is NotAsked) }
        guard !troubles.isEmpty else { return }
        let isAway = troubles.allSatisfy { $0 != nil }
        quiet.withLock { quiet in
            let pause = isAway ? min(60_000, max(1000, quiet.pause * 2)) : 0
            quiet = (isAway ? uptime + pause : .min, pause)
        }
    }
}

// MARK: Between the transactions

extension SendPayouts {
    /// Calls the providers. If a payout's provider is not set any more, its outcome says so.
    private func call(_ claims: [Claim], _ isHeld: Bool, _ database: any Database) -> [Outcome] {
        var orders: [(claim: Claim, order: PaymentOrder)] = []
        var outcomes: [Outcome] = []
        for claim in claims {
            guard let through = known[claim.attempt.provider] else {
                let words =
                    "sent through \(claim.attempt.provider), which is not set any more: only it knows whether it paid"
                outcomes.append(Outcome(claim: claim, result: .failure(NotAsked(description: words))))
                continue
            }
            do {
                if !claim.isNew {
                    let answer = try through.status(of: claim.payout.id, keep: database)
                    if let answer, answer.status != .refused || answer.attempt >= claim.attempt.number {
                        outcomes.append(Outcome(claim: claim, result: .success(answer)))
                        continue
                    }
                    // The provider has never heard of the payment, or has refused an earlier attempt. Under a hold,
                    // nothing is ordered for now.
                    if isHeld {
                        outcomes.append(Outcome(claim: claim, result: nil))
                        continue
                    }
                }
                orders.append((claim, try order(claim)))
            } catch {
                outcomes.append(Outcome(claim: claim, result: .failure(error)))
            }
        }
        let groups = Dictionary(grouping: orders, by: \.claim.attempt.provider).sorted { $0.key < $1.key }
        for (name, group) in groups {
            let results = known[name]?.pay(group.map(\.order), keep: database) ?? []
            outcomes += zip(group, results).map { Outcome(claim: $0.claim, result: $1) }
        }
        return outcomes
    }

    private func order(_ claim: Claim) throws -> PaymentOrder {
        let payout = claim.payout
        guard codes.isRight(payout) else {
            throw NotAsked(description: "no close has asked for this sum for this person: its row was changed")
        }
        guard let sealed = claim.attempt.sealed, let destination = vault.open(sealed, of: payout.person),
            destination.tail == claim.attempt.tail
        else { throw NotAsked(description: "the destination that it was sent to cannot be read") }
        return PaymentOrder(
            payout: payout.id, attempt: claim.attempt.number, person: payout.person, name: claim.name,
            sum: payout.sum, currency: company.currency, day: payout.day, destination: destination)
    }
}

// MARK: The first transaction

extension SendPayouts {
    /// Claims sent payouts whose answer was lost, or that the provider has only accepted.
    private func claimSent(now: Instant, in transaction: any Transaction) throws -> [Claim] {
        var claims: [Claim] = []
        let names = try due(.sent, now: now, in: transaction)
        for (payout, name) in names {
            let changed = try transaction.change(
                """
                UPDATE payout SET tries = \(payout.tries + 1),
                due_at = \(now.adding(seconds: SendPayouts.pause(after: payout.tries + 1)))
                WHERE id = \(payout.id) AND state = 'sent' AND attempt = \(payout.attempt) AND tries = \(payout.tries)
                """)
            guard changed == 1, let attempt = try Attempt.of(payout.id, payout.attempt, in: transaction) else {
                continue
            }
            try transaction.send(
                """
                UPDATE attempt SET calls = calls + 1 WHERE payout = \(payout.id) AND number = \(payout.attempt)
                """)
            claims.append(Claim(payout: payout, attempt: attempt, name: name, isNew: false))
        }
        return claims
    }

    /// Marks pending payouts as sent, each with a new attempt to the person's present destination.
    private func claimPending(now: Instant, in transaction: any Transaction) throws -> [Claim] {
        guard try Hold.isOff(in: transaction) else { return [] }
        var claims: [Claim] = []
        let names = try due(.pending, now: now, in: transaction)
        let payees = try Payee.locked(names.map(\.payout.person), in: transaction)
        for (payout, name) in names {
            guard let payee = payees[payout.person], let sealed = payee.sealed else {
                try transaction.send("UPDATE payout SET due_at = NULL WHERE id = \(payout.id) AND state = 'pending'")
                continue
            }
            let number = payout.attempt + 1
            let changed = try transaction.change(
                """
                UPDATE payout SET state = 'sent', attempt = \(number), tries = 1, changed_at = \(now),
                due_at = \(now.adding(seconds: SendPayouts.pause(after: 1)))
                WHERE id = \(payout.id) AND state = 'pending' AND attempt = \(payout.attempt)
                """)
            guard changed == 1 else { continue }
            try transaction.send(
                """
                INSERT INTO attempt (payout, number, provider, sealed, tail, asked_by, started_at, calls, outcome)
                SELECT id, attempt, \(provider.name), \(sealed), \(payee.tail.stored), asked_by, \(now), 1, 'open'
                FROM payout WHERE id = \(payout.id)
                """)
            guard let attempt = try Attempt.of(payout.id, number, in: transaction) else { continue }
            claims.append(Claim(payout: payout, attempt: attempt, name: name, isNew: true))
        }
        return claims
    }

    private func due(
        _ state: Payout.State, now: Instant, in transaction: any Transaction
    ) throws -> [(payout: Payout, name: String)] {
        let payouts = try transaction.fetch(
            """
            SELECT \(Payout.columns) FROM payout WHERE state = \(state.rawValue) AND due_at <= \(now)
            AND limited = 0 ORDER BY due_at, id LIMIT \(provider.atOnce)
            """
        ).map(Payout.init)
        let people = try Directory.people(payouts.map(\.person), in: transaction)
        return payouts.map { ($0, people[$0.person]?.name ?? "") }
    }
}
