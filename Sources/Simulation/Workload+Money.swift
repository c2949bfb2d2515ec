import Payouts
import Storage
import Values

/// What people do with their payouts and letters, and with figures.
extension Workload {
    private static let keepers: Set<String> = ["accountant", "admin"]
    private static let numbers = ["4111 1111 1111 1111", "DE89370400440532013000", "5500-0000-0000-0004"]

    /// A person sets their payout destination; sometimes it is no valid number, or another person's.
    func payee() -> Intent? {
        guard let person = somebody() else { return nil }
        let target = dice.chance(0.9) ? person : somebody() ?? person
        return payee(target, dice.chance(0.85) ? dice.pick(Workload.numbers) ?? "" : "1234", by: person)
    }

    /// A new person sets their payout destination.
    func payee(new person: ID) -> Intent { payee(person, Workload.numbers[0], by: person) }

    private func payee(_ target: ID, _ number: String, by person: ID) -> Intent {
        json(
            .anything, "PUT", "/api/accounts/\(target)/destination", "{\"number\":\"\(number)\"}", by: person, "payouts"
        )
    }

    /// Has a payout sent again: mostly one that the bank has refused.
    func retry() -> Intent? {
        let all = auditor.model.payouts.keys.sorted()
        let refused = all.filter { world.bank.payments[$0]?.status == .refused }
        guard let payout = dice.pick(refused.isEmpty || dice.chance(0.1) ? all : refused),
            let keeper = somebody(holding: Workload.keepers)
        else { return nil }
        return json(
            .anything, "POST", "/api/payouts/\(payout)/retry", by: keeper, "payouts", roles: Workload.keepers)
    }

    /// Puts payouts on hold, or releases those held since the data came from a backup.
    func hold() -> Intent? {
        guard let keeper = somebody(holding: Workload.keepers) else { return nil }
        switch dice.below(4) {
        case 0: return json(.anything, "POST", "/api/payouts/hold", by: keeper, "payouts", roles: Workload.keepers)
        case 1, 2: return releasePayouts(by: keeper)
        default: return releaseMail(by: keeper)
        }
    }

    func releasePayouts(by keeper: ID) -> Intent {
        json(.anything, "POST", "/api/payouts/hold/release", by: keeper, "payouts", roles: Workload.keepers)
    }

    func releaseMail(by keeper: ID) -> Intent {
        json(.anything, "POST", "/api/mail/release", "{\"send\":true}", by: keeper, "mailer", roles: Workload.keepers)
    }

    /// Has a letter sent once more.
    func copy() throws -> Intent? {
        guard let admin = somebody(holding: ["admin"]) else { return nil }
        let letters: [ID] = try auditor.look("mailer") { transaction in
            try transaction.fetch("SELECT id FROM letter ORDER BY position DESC LIMIT 30").map { try $0(0) }
        }
        guard let letter = dice.pick(letters) else { return nil }
        return json(.anything, "POST", "/api/letters/\(letter)/copies", by: admin, "mailer", roles: ["admin"])
    }

    func rebuild() -> Intent? {
        somebody(holding: ["admin"]).map(rebuild(by:))
    }

    func rebuild(by admin: ID) -> Intent {
        json(.anything, "POST", "/api/analytics/rebuilds", by: admin, "analytics", roles: ["admin"])
    }
}
