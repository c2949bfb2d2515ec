import Contracts
import Foundation
import Ledger
import Messaging
import Schemas
import ServiceKit
import Storage
import Values

/// Every payout that Payouts has reported as paid, up to the checkpoint, was moved from clearing to the bank exactly
/// once, with its sum (X28), and nothing else was moved. Events that are parked or were discarded are counted
/// separately.
enum SettlementCheck {
    private struct Line: Hashable {
        let transfer: ID
        let payout: ID
        let sum: Cents
    }

    static let check = Check("accounting: paid payouts booked to the bank") { snapshots, report in
        let own = try snapshots.of("accounting")
        var booked: [ID: Line] = [:]
        var problems: [String] = []
        var seen: Set<ID> = []
        try Ledger.forEachTransfer(in: own) { row in
            let transfer = row.transfer
            booked[transfer.id] = Line(transfer: transfer.id, payout: transfer.subject, sum: transfer.amount)
            if !seen.insert(transfer.subject).inserted {
                problems.append("payout \(transfer.subject) was booked twice")
            }
            if transfer.kind != Books.settlement || transfer.source != Books.clearing || transfer.target != Books.bank {
                problems.append("transfer \(transfer.id) is of an unknown kind, \(transfer.kind)")
            }
        }
        report.count("payouts booked to the bank", Int64(booked.count))
        try clearing(own, &report)
        if snapshots.has("payouts") {
            let payouts = try snapshots.of("payouts")
            let parked = try Parked.ids(of: .payouts, in: own)
            let numbers = try Checkpoint.numbers(of: .payouts, in: own)
            var aside: Int64 = 0
            var told: Set<ID> = []
            try payouts.forEach(
                """
                SELECT id, partition, number, data FROM journal
                WHERE number > 0 AND name = \(PayoutPaid.name)
                """
            ) { row in
                guard try row(2, as: Int64.self) <= numbers[try row(1, as: Int.self), default: 0] else { return }
                let id: ID = try row(0)
                if parked.contains(id) { return aside += 1 }
                let event = try PayoutPaid(data: try row(3))
                let wanted = Line(
                    transfer: PayoutSettlements.transferID(of: id), payout: event.payout, sum: event.sum)
                // An event that arrives twice is still one transfer.
                told.insert(wanted.transfer)
                if booked[wanted.transfer] != wanted {
                    problems.append(
                        "payout \(event.payout), paid with \(event.sum.plain), is not booked to the bank so")
                }
            }
            if aside > 0 { report.count("parked or discarded", aside) }
            for line in booked.values where !told.contains(line.transfer) {
                problems.append(
                    "transfer \(line.transfer) of payout \(line.payout): Payouts has not told that it was paid")
            }
        }
        for problem in problems { report.problem(problem) }
    }

    /// The balance of clearing is what closes have put there, less what went to the bank.
    private static func clearing(_ own: any Transaction, _ report: inout Findings) throws {
        // Added up here, in whole numbers: SUM returns another type on PostgreSQL.
        var requested = Cents.zero
        var settled = Cents.zero
        var kept = Cents.zero
        try own.forEach("SELECT amount FROM entry WHERE kind = \(Books.payout)") {
            requested = try requested.minus(try $0(0))
        }
        try own.forEach("SELECT amount FROM company_transfer WHERE source = \(Books.clearing.name)") {
            settled = try settled.plus(try $0(0))
        }
        try own.forEach("SELECT debit, credit FROM company_sum WHERE name = \(Books.clearing.name)") {
            kept = try kept.plus(try $0(1, as: Cents.self).minus(try $0(0)))
        }
        report.count("cents in clearing", kept.amount)
        let expected = try requested.minus(settled)
        if kept != expected {
            report.problem(
                "clearing holds \(kept.plain); closes put \(requested.plain) there, and \(settled.plain) went to the bank"
            )
        }
    }
}
