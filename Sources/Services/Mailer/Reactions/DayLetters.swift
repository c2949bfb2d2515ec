import Contracts
import Messaging
import Storage
import Values

/// Keeps each person's operations of the open day, and makes a letter of them at the close (X27). A person's events
/// arrive in order, so all of a day's operations are here when its close arrives. Only closes with a payout get a
/// letter; other operations are dropped.
struct DayLetters: Sendable {
    let queue: LetterQueue

    static let events: Set<String> = [
        EmployeeCharged.type, EmployeeRewarded.type, EntryCorrected.type, DayClosed.type,
    ]

    func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        var rows: [[Value]] = []
        var closes: [(envelope: Envelope, event: DayClosed)] = []
        for envelope in envelopes {
            switch envelope.name {
            case EmployeeCharged.name:
                let operation = try envelope.event(EmployeeCharged.self).operation
                rows.append(DayLetters.row(operation, .fee, try operation.sum.negated(), envelope))
            case EmployeeRewarded.name:
                let operation = try envelope.event(EmployeeRewarded.self).operation
                rows.append(DayLetters.row(operation, .reward, operation.sum, envelope))
            case EntryCorrected.name:
                rows.append(DayLetters.row(try envelope.event(EntryCorrected.self), envelope))
            default:
                closes.append((envelope, try envelope.event(DayClosed.self)))
            }
        }
        if !rows.isEmpty {
            try transaction.send(
                """
                INSERT INTO operation (person, day, number, kind, what, jira_id, sum, balance, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person, day, number) DO NOTHING
                """, rows: rows)
        }
        guard !closes.isEmpty else { return }
        try write(closes.filter { $0.event.paid > .zero }, in: transaction)
        try transaction.send(
            "DELETE FROM operation WHERE person = ? AND day <= ?",
            rows: closes.filter { $0.event.operations > 0 }.map { [$0.event.person.stored, $0.event.day.stored] })
    }

    private static func row(
        _ operation: Operation, _ kind: LetterContent.Operation.Kind, _ sum: Cents, _ envelope: Envelope
    ) -> [Value] {
        [
            operation.person.stored, operation.day.stored, envelope.number.stored, .text(kind.rawValue),
            .text(operation.title), operation.jiraID.stored, sum.stored, operation.balance.stored,
            operation.time.stored,
        ]
    }

    private static func row(_ event: EntryCorrected, _ envelope: Envelope) -> [Value] {
        [
            event.person.stored, event.day.stored, envelope.number.stored,
            .text(LetterContent.Operation.Kind.correction.rawValue), .text(event.reason), .null, event.sum.stored,
            event.balance.stored, event.time.stored,
        ]
    }

    private func write(_ closes: [(envelope: Envelope, event: DayClosed)], in transaction: any Transaction) throws {
        var operations: [ID: [Day: [LetterContent.Operation]]] = [:]
        let days = Dictionary(grouping: closes, by: \.event.day).sorted { $0.key < $1.key }
        for (day, ofDay) in days {
            for part in SQL.parts(of: Set(ofDay.map(\.event.person)).sorted()) {
                try DayLetters.read(part, day, into: &operations, in: transaction)
            }
        }
        try queue.add(
            closes.map { envelope, event in
                let list = operations[event.person]?[event.day] ?? []
                return LetterQueue.Draft(
                    id: envelope.id.derived("letter"), person: event.person,
                    content: .payout(
                        .init(
                            day: event.day, opening: event.opening, paid: event.paid, operations: list,
                            more: max(0, event.operations - list.count))),
                    time: envelope.time, day: event.day)
            }, in: transaction)
    }

    /// The operations of several people on one day; for each person, at most as many as a letter lists.
    private static func read(
        _ people: SQL.Part<ID>, _ day: Day, into operations: inout [ID: [Day: [LetterContent.Operation]]],
        in transaction: any Transaction
    ) throws {
        try transaction.forEach(
            """
            SELECT person, kind, what, jira_id, sum, balance, at FROM operation
            WHERE day = \(day) AND person IN (\(list: people)) ORDER BY person, number
            """
        ) { row in
            let person: ID = try row(0)
            guard operations[person]?[day]?.count ?? 0 < LetterContent.longestList else { return }
            guard let kind = LetterContent.Operation.Kind(rawValue: try row(1)) else {
                throw StorageError.decoding("an operation of no known kind")
            }
            operations[person, default: [:]][day, default: []].append(
                LetterContent.Operation(
                    kind: kind, what: try row(2), jiraID: try row(3), sum: try row(4), balance: try row(5),
                    at: try row(6)))
        }
    }
}
