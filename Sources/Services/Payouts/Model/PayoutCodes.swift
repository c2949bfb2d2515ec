import Contracts
import Messaging
import Storage
import Values

/// Codes that prove that a close requested a payout's sum for its person. A code is made under the installation's
/// secret when the request arrives. With no code or a wrong one, a payout is not sent (X60).
struct PayoutCodes: Sendable {
    let codes: EventCodes

    func code(of payout: ID, person: ID, sum: Cents) -> [UInt8] {
        codes.code(ofRow: Array("\(payout) \(person) \(sum.amount)".utf8), in: .payouts)
    }

    /// A payout without a code, from a process older than version 0.5.0, is accepted as long as events without codes
    /// are.
    func isRight(_ payout: Payout) -> Bool {
        guard let code = payout.code else { return codes.acceptsMissing }
        return code.isSame(as: self.code(of: payout.id, person: payout.person, sum: payout.sum))
    }

    /// Gives codes to payouts from before there were codes; they are trusted as they are.
    func give(in transaction: any Transaction) throws {
        var codes: [[Value]] = []
        try transaction.forEach("SELECT id, person, sum FROM payout") { row in
            let (payout, person, sum): (ID, ID, Cents) = (try row(0), try row(1), try row(2))
            codes.append([code(of: payout, person: person, sum: sum).stored, payout.stored])
        }
        try transaction.send("UPDATE payout SET code = ? WHERE id = ?", rows: codes)
    }
}
