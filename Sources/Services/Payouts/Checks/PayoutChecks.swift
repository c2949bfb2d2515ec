import Contracts
import Foundation
import Messaging
import Schemas
import ServiceKit
import Storage
import Values

/// Payouts' part of `verify`: compares payouts with what Accounting requested, with each other, and with what the
/// provider says.
struct PayoutChecks: Sendable {
    let provider: any PaymentProvider
    let vault: Vault

    var all: [Check] {
        [PayoutChecks.requests, PayoutChecks.states, destinations, ProviderCheck(provider: provider).check]
    }

    /// Every sealed destination belongs to its person, ends with the digits that are shown, and is the last one that
    /// the person set (X60).
    private var destinations: Check {
        Check("payouts: destinations") { snapshots, report in
            let own = try snapshots.of("payouts")
            var problems: [String] = []
            var count: Int64 = 0
            var told: [ID: DestinationChanged] = [:]
            var tails: [ID: String] = [:]
            try own.forEach(
                "SELECT id, data FROM journal WHERE name = \(DestinationChanged.name) AND refused = 0 ORDER BY position"
            ) { row in
                let event = try DestinationChanged(data: try row(1))
                told[event.person] = event
                tails[try row(0)] = event.tail
            }
            func look(_ what: String, _ person: ID, _ sealed: [UInt8]?, _ tail: String?) {
                guard let sealed else { return }
                count += 1
                guard let destination = vault.open(sealed, of: person) else {
                    return problems.append("the destination of \(what) is not one that person \(person) has given")
                }
                if destination.tail != tail {
                    problems.append(
                        "the destination of \(what) ends with \(destination.tail), not \(tail ?? "nothing")")
                }
            }
            try own.forEach("SELECT person, sealed, tail FROM payee ORDER BY person") { row in
                let person: ID = try row(0)
                let sealed: [UInt8]? = try row(1)
                look("person \(person)", person, sealed, try row(2))
                // A destination from before there were events about them is accepted as it is.
                guard let event = told.removeValue(forKey: person) else { return }
                let given = sealed.flatMap { vault.open($0, of: person) }
                if given.map({ vault.fingerprint(of: $0, of: person) }) != event.fingerprint {
                    problems.append("the destination of person \(person) is not the one that they have given last")
                }
            }
            for person in told.keys.sorted() {
                problems.append("the destination that person \(person) has given is not there")
            }
            try own.forEach("SELECT id, person, tail FROM destination") { row in
                let (id, person): (ID, ID) = (try row(0), try row(1))
                if tails.removeValue(forKey: id) != (try row(2)) {
                    problems.append(
                        "the history of person \(person)'s destinations has \(id), which was told otherwise")
                }
            }
            for id in tails.keys.sorted() {
                problems.append("destination-changed \(id) does not stand in the history of destinations")
            }
            try own.forEach(
                """
                SELECT a.payout, a.number, o.person, a.sealed, a.tail FROM attempt a JOIN payout o ON o.id = a.payout
                """
            ) { row in
                let what = try "payout \(row(0, as: ID.self)), attempt \(row(1, as: Int.self)),"
                look(what, try row(2), try row(3), try row(4))
            }
            report.count("sealed destinations", count)
            for problem in problems { report.problem(problem) }
        }
    }

    private struct Line: Hashable {
        let payout: ID
        let person: ID
        let day: Day
        let sum: Cents
    }

    /// Every request up to the checkpoint has one payout, and there are no other payouts. Events that are parked or
    /// were discarded are counted separately.
    private static let requests = Check("payouts: one for each request") { snapshots, report in
        let own = try snapshots.of("payouts")
        var payouts: [ID: Line] = [:]
        try own.forEach("SELECT id, person, day, sum FROM payout") { row in
            let line = Line(payout: try row(0), person: try row(1), day: try row(2), sum: try row(3))
            payouts[line.payout] = line
        }
        report.count("payouts", Int64(payouts.count))
        guard snapshots.has("accounting") else { return }
        let accounting = try snapshots.of("accounting")
        let parked = try Parked.ids(of: .accounting, in: own)
        let numbers = try Checkpoint.numbers(of: .accounting, in: own)
        var aside: Int64 = 0
        try report.eachRow(
            """
            SELECT id, partition, number, data FROM journal
            WHERE number > 0 AND name = \(PayoutRequested.name)
            """, in: accounting
        ) { row in
            guard try row(2, as: Int64.self) <= numbers[try row(1, as: Int.self), default: 0] else { return nil }
            guard !parked.contains(try row(0)) else {
                aside += 1
                return nil
            }
            let event = try PayoutRequested(data: try row(3))
            let wanted = Line(payout: event.payout, person: event.person, day: event.day, sum: event.sum)
            guard payouts.removeValue(forKey: event.payout) != wanted else { return nil }
            return "payout \(event.payout) of \(event.sum.plain) to \(event.person) is missing or another"
        }
        if aside > 0 { report.count("requests parked or discarded", aside) }
        for line in payouts.values { report.problem("payout \(line.payout) was never asked for") }
    }

    /// Each state follows from the attempts, is published once, and has a job or a person that acts on it: no payout is
    /// forgotten.
    private static let states = Check("payouts: states, attempts and events") { snapshots, report in
        let own = try snapshots.of("payouts")
        var told: [ID: Int] = [:]
        try own.forEach("SELECT id FROM journal WHERE name = \(PayoutPaid.name) OR name = \(PayoutFailed.name)") {
            told[try $0(0), default: 0] += 1
        }
        var counts: [String: Int64] = [:]
        var problems: [String] = []
        try own.forEach(
            """
            SELECT o.id, o.state, o.attempt, o.due_at, a.outcome, e.sealed, o.limited
            FROM payout o LEFT JOIN attempt a ON a.payout = o.id AND a.number = o.attempt
            LEFT JOIN payee e ON e.person = o.person
            """
        ) { row in
            let (id, word, attempt): (ID, String, Int) = (try row(0), try row(1), try row(2))
            let (due, outcome): (Instant?, String?) = (try row(3), try row(4))
            counts[word, default: 0] += 1
            switch Payout.State(rawValue: word) {
            case .pending:
                if due == nil, try row(5, as: [UInt8]?.self) != nil, try !row(6, as: Bool.self) {
                    problems.append("payout \(id) is pending, could be sent, and nothing is going to do it")
                }
            case .sent:
                if due == nil { problems.append("payout \(id) is sent, and nothing is going to ask for its outcome") }
                if outcome != "open", outcome != "accepted" {
                    problems.append("payout \(id) is sent; its attempt \(attempt) is \(outcome ?? "missing")")
                }
            case .paid:
                if outcome != "paid" {
                    problems.append("payout \(id) is paid; its attempt \(attempt) is \(outcome ?? "missing")")
                }
                if told[RecordProviderAnswer.paidID(id)] != 1 {
                    problems.append("payout \(id) is paid, and it was not told once")
                }
            case .failed:
                if outcome != "refused" {
                    problems.append("payout \(id) has failed; its attempt \(attempt) is \(outcome ?? "missing")")
                }
                if told[RecordProviderAnswer.failedID(id, attempt: attempt)] != 1 {
                    problems.append("payout \(id) has failed, and it was not told once")
                }
            case nil: problems.append("payout \(id) is \(word)")
            }
            if word != Payout.State.paid.rawValue, told[RecordProviderAnswer.paidID(id)] != nil {
                problems.append("payout \(id) was told of as paid, and is \(word)")
            }
        }
        for (state, count) in counts.sorted(by: { $0.key < $1.key }) { report.count(state, count) }
        for problem in problems { report.problem(problem) }
    }
}
