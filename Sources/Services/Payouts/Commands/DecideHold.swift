import Contracts
import Messaging
import Storage
import Values

/// A person holds all payouts, or releases them. Publishes it; ``Hold`` alone is what the program itself sets.
struct DecideHold: Sendable {
    let journal: Journal
    let installation: ID

    /// Changes nothing if there is a hold already. Returns whether this is the one that holds.
    @discardableResult
    func set(by person: ID, at now: Instant, trace: String, in transaction: any Transaction) throws -> Bool {
        guard try Hold.set(by: person, at: now, in: transaction) else { return false }
        try tell(isHeld: true, by: person, at: now, trace: trace, in: transaction)
        return true
    }

    /// Returns whether there was a hold.
    func release(by person: ID, at now: Instant, trace: String, in transaction: any Transaction) throws -> Bool {
        guard try Hold.release(by: person, at: now, in: transaction) else { return false }
        try tell(isHeld: false, by: person, at: now, trace: trace, in: transaction)
        return true
    }

    private func tell(
        isHeld: Bool, by person: ID, at now: Instant, trace: String, in transaction: any Transaction
    ) throws {
        let id = installation.derived("\(isHeld ? "held" : "hold released") \(now.milliseconds)")
        try journal.append(
            HoldChanged(installation: installation, held: isHeld, by: person, time: now), id: id, at: now,
            trace: trace, in: transaction)
    }
}
