import Ledger
import Storage
import Values

/// One operation, and the person who confirmed it if it needed that (X23).
struct AccountOperation: Hashable, Sendable {
    let entry: Ledger.Entry
    let confirmedBy: ID?

    /// Operations of an account on one day, the latest first, after `cursor`.
    static func list(
        of account: ID, on day: Day, after cursor: ID?, limit: Int, in transaction: any Transaction
    ) throws -> [AccountOperation] {
        let entries = try Ledger.statement(of: account, day: day, after: cursor, limit: limit, in: transaction)
        let confirmers = try CorrectionRequest.confirmers(
            of: entries.filter { $0.kind == Books.correction }.map(\.id), in: transaction)
        return entries.map { AccountOperation(entry: $0, confirmedBy: confirmers[$0.id]) }
    }
}
