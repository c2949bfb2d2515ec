import Storage
import Values
import Web

/// How payouts are shown on pages.
enum PayoutModel {
    static func row(_ line: PayoutLine, _ call: Call) -> Model {
        .object(fields(line, call))
    }

    static func fields(_ line: PayoutLine, _ call: Call) -> [String: Model] {
        let payout = line.payout
        return [
            "id": .text(payout.id.description), "person": .text(payout.person.description),
            "name": .text(name(line, call)),
            "day": .text(call.format.day(payout.day)), "dayNumber": .text(payout.day.description),
            "sum": .text(call.format.money(payout.sum)), "tail": .text(line.tail.map(Destination.masked) ?? ""),
            "changed": .time(payout.changedAt), "state": state(line, call),
        ]
    }

    /// The name of the person who gets the payout.
    static func name(_ line: PayoutLine, _ call: Call) -> String {
        line.name.isEmpty ? PayoutsTexts.text("payouts.unknown", call.language) : line.name
    }

    static func state(_ line: PayoutLine, _ call: Call) -> Model {
        let note =
            switch line.payout.state {
            case .pending:
                PayoutsTexts.text("payouts.waits." + (line.waitsFor?.rawValue ?? "turn"), call.language)
            case .failed: line.reason ?? ""
            case .sent: line.reason == nil ? "" : PayoutsTexts.text("payouts.trouble", call.language)
            case .paid: ""
            }
        return [
            "isPending": .flag(line.payout.state == .pending), "isSent": .flag(line.payout.state == .sent),
            "isPaid": .flag(line.payout.state == .paid), "isFailed": .flag(line.payout.state == .failed),
            "note": .text(note),
        ]
    }

    static func attempt(
        _ attempt: Attempt, by name: String?, settledBy: String?, _ call: Call
    ) -> Model {
        let words = [attempt.reason, attempt.trouble].compactMap { $0 }.joined(separator: "; ")
        return [
            "number": .text(call.format.count(attempt.number)), "provider": .text(attempt.provider),
            "tail": .text(attempt.tail.map(Destination.masked) ?? ""),
            "id": .text(String(attempt.number)), "started": .time(attempt.startedAt),
            "ended": .time(attempt.endedAt), "by": .text(name ?? ""),
            "settledBy": .text(settledBy ?? ""),
            "calls": .text(call.format.count(attempt.calls)), "words": .text(words),
            "reference": .text(attempt.reference ?? ""),
            "isOpen": .flag(attempt.outcome == .open), "isAccepted": .flag(attempt.outcome == .accepted),
            "isPaid": .flag(attempt.outcome == .paid), "isRefused": .flag(attempt.outcome == .refused),
        ]
    }

    /// The latest destinations that a person has set, newest first.
    static func past(of person: ID, _ call: Call, in transaction: any Transaction) throws -> Model {
        let entries = try DestinationHistory.list(of: person, limit: 20, in: transaction)
        guard !entries.isEmpty else { return nil }
        let rows: [Model] = entries.map { entry in
            [
                "id": .text(entry.id.description), "at": .time(entry.at),
                "masked": .text(Destination.masked(entry.tail)),
                "isCard": .flag(entry.kind == Destination.Kind.card.rawValue),
            ]
        }
        return ["rows": .list(rows)]
    }

    /// Where a person's money goes.
    static func destination(_ payee: Payee?, _ call: Call) -> Model {
        guard let payee, let tail = payee.tail else { return nil }
        return [
            "masked": .text(Destination.masked(tail)), "isCard": .flag(payee.kind == .card),
            "changed": .time(payee.changedAt),
        ]
    }
}
