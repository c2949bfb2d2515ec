import Ledger
import ServiceKit
import Storage
import Values

/// Recomputes the ledger: chains, hashes, balances, day rows, company sums, and that everything adds up to zero.
enum LedgerCheck {
    static let check = Check("accounting: ledger") { snapshots, report in
        let transaction = try snapshots.of("accounting")
        // The audit reports problems through a closure; they are collected here until it is done.
        var problems: [String] = []
        var kinds: [String: Int64] = [:]
        let audit = try Ledger.Audit.run(
            in: transaction, payoutKind: Books.payout, visit: { kinds[$0.kind, default: 0] += 1 },
            problem: { problems.append($0) })
        report.count("accounts", Int64(audit.accounts))
        report.count("entries", audit.entries)
        report.count("transfers", audit.transfers)
        for (kind, count) in kinds.sorted(by: { $0.key < $1.key }) { report.count("entries: \(kind)", count) }
        for problem in problems { report.problem(problem) }
    }
}
