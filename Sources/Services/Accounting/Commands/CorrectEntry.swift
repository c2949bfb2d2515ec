import Contracts
import Ledger
import Messaging
import Storage
import Values
import Web

/// Corrects an entry with a new one that names it and has a reason (X23). The new entry counts on the day on which it
/// is booked, on the same company account as the first one (X25). Nobody can correct their own account. A correction
/// that is larger than what it corrects waits for a second person.
struct CorrectEntry: Sendable {
    let journal: Journal

    /// A single correction above this is treated as a mistake.
    static let largest = Cents.units(1_000_000)
    static let reasonLength = 1...500

    enum Outcome: Sendable {
        case booked(Ledger.Entry)
        /// It is larger than what it corrects, and waits for a second person.
        case waits(CorrectionRequest)
    }

    func callAsFunction(
        account: ID, entry id: ID, sum: Cents, reason: String, by person: ID, _ environment: Environment, trace: String,
        in transaction: any Transaction
    ) throws -> Outcome {
        guard account != person else { throw Problem(403, "accounting.own-account") }
        guard sum != .zero else { throw Problem.invalid("sum", "accounting.sum-zero") }
        guard sum <= CorrectEntry.largest, sum >= Cents(-CorrectEntry.largest.amount) else {
            throw Problem.invalid("sum", "accounting.sum-large")
        }
        let reason = try CorrectEntry.checked(reason)
        let corrected = try corrected(id, of: account, in: transaction)
        let request = CorrectionRequest(
            id: environment.newID(), account: account, entry: id, sum: sum, reason: reason, author: person,
            at: environment.now())
        guard try isSmall(sum, correcting: corrected, in: transaction) else {
            try request.insert(in: transaction)
            try journal.append(
                CorrectionRequested(
                    correction: request.id, corrects: id, person: account, sum: sum, reason: reason, by: person,
                    time: request.at),
                id: request.id.derived("correction-requested"), at: request.at, trace: trace, in: transaction)
            return .waits(request)
        }
        return .booked(try book(request, confirmedBy: nil, environment, trace: trace, in: transaction))
    }

    /// Whether the correction, together with earlier corrections of the same entry, is no larger than that entry. A
    /// correction of a correction never counts as small: otherwise one confirmed correction would allow any number of
    /// further ones.
    private func isSmall(
        _ sum: Cents, correcting entry: Ledger.Entry, in transaction: any Transaction
    ) throws -> Bool {
        guard entry.kind != Books.correction else { return false }
        // With this lock, two corrections at the same time see each other.
        _ = try transaction.fetchLocking("SELECT id FROM account WHERE id = \(entry.account)")
        let before = try transaction.fetch("SELECT amount FROM entry WHERE corrects = \(entry.id)").reduce(UInt64(0)) {
            $0 + UInt64(try $1(0, as: Int64.self).magnitude)
        }
        return before + UInt64(sum.amount.magnitude) <= UInt64(entry.amount.amount.magnitude)
    }

    private func corrected(_ id: ID, of account: ID, in transaction: any Transaction) throws -> Ledger.Entry {
        guard let corrected = try Ledger.entry(id, in: transaction), corrected.account == account else {
            throw Problem.invalid("entry", "accounting.no-such-entry")
        }
        guard corrected.counterpart == Books.fees || corrected.counterpart == Books.rewards else {
            throw Problem.invalid("entry", "accounting.entry-payout")
        }
        return corrected
    }

    /// Books a correction that is allowed.
    func book(
        _ request: CorrectionRequest, confirmedBy confirmer: ID?, _ environment: Environment, trace: String,
        in transaction: any Transaction
    ) throws -> Ledger.Entry {
        let account = request.account
        let corrected = try corrected(request.entry, of: account, in: transaction)
        var booking = try Booking.begin(
            on: [account], at: environment.now(), lane: account.partition(of: Topic.partitions), in: transaction)
        let memo = Ledger.Memo(
            subject: corrected.memo.subject, title: corrected.memo.title, reference: corrected.memo.reference,
            reason: request.reason, corrects: corrected.id, author: request.author)
        let entry = try booking.post(
            Ledger.Posting(
                id: request.id, account: account, counterpart: corrected.counterpart, amount: request.sum,
                kind: Books.correction, memo: memo))
        booking.publish(
            EntryCorrected(
                entry: entry.id, corrects: corrected.id, person: account, sum: request.sum, balance: entry.balance,
                reason: request.reason, by: request.author, confirmedBy: confirmer,
                kind: corrected.counterpart == Books.fees ? Books.fee : Books.reward, day: entry.day, time: entry.at),
            id: entry.id, trace: trace)
        try booking.write(to: journal, in: transaction)
        return entry
    }

    private static func checked(_ text: String) throws -> String {
        let text = text.words().joined(separator: " ")
        guard !text.isEmpty else { throw Problem.invalid("reason", "accounting.reason-missing") }
        guard reasonLength.contains(text.unicodeScalars.count) else {
            throw Problem.invalid("reason", "accounting.reason-long")
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Problem.invalid("reason", "accounting.reason-control")
        }
        return text
    }
}
