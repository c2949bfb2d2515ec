import Storage
import Values

// Events that were written before there were codes get them once, in the kit's step, so that an event that comes later
// without one is refused. They also get them while processes of an older version are running, if that is allowed
// (setting `event-codes`).

extension Journal {
    private static let slice = 1000

    /// Events without a code, and events whose number has none.
    private enum Lacking: CaseIterable {
        case code
        case numberCode

        var condition: SQL {
            switch self {
            case .code: "code IS NULL"
            case .numberCode: "number_code IS NULL AND number > 0"
            }
        }
    }

    /// Gives codes to all events of the journal that lack them, in one transaction.
    package func giveCodes(in transaction: any Transaction) throws {
        for lacking in Lacking.allCases {
            var last = Int64.min
            while let next = try giveCodes(lacking, after: last, in: transaction) { last = next }
        }
    }

    /// Gives codes to all events of the journal that lack them, with one transaction for each slice.
    package func giveCodes(in database: any Database) throws {
        for lacking in Lacking.allCases {
            var last = Int64.min
            while let next = try database.write({ [last] in try giveCodes(lacking, after: last, in: $0) }) {
                last = next
            }
        }
    }

    /// Returns the last position of a slice; `nil` if there was nothing after the given one.
    private func giveCodes(
        _ lacking: Lacking, after position: Int64, in transaction: any Transaction
    ) throws -> Int64? {
        let rows = try transaction.fetch(
            """
            SELECT \(Envelope.journalColumns), position FROM journal
            WHERE \(lacking.condition) AND position > \(position) ORDER BY position LIMIT \(Journal.slice)
            """)
        guard let last = rows.last else { return nil }
        try transaction.send(
            "UPDATE journal SET code = ?, number_code = ?, personal = ?, refused = 0 WHERE position = ?",
            rows: rows.map { row in
                let envelope = codes.given(to: try Envelope(journalRow: row, topic: topic))
                return [
                    envelope.code.stored, envelope.numberCode.stored, .text(envelope.personal),
                    row.values[Envelope.journalColumnCount],
                ]
            })
        return try last(Envelope.journalColumnCount)
    }
}

extension Parked {
    /// Gives codes to parked events that have none. There are never many of those.
    package static func giveCodes(_ codes: EventCodes, in transaction: any Transaction) throws {
        let rows = try transaction.fetch("SELECT \(Envelope.journalColumns), topic FROM parked WHERE code IS NULL")
        try transaction.send(
            """
            UPDATE parked SET code = ?, number_code = ?, personal = ?
            WHERE topic = ? AND partition = ? AND number = ?
            """,
            rows: rows.map { row in
                let topic = Topic(try row(Envelope.journalColumnCount))
                let envelope = codes.given(to: try Envelope(journalRow: row, topic: topic))
                return [
                    envelope.code.stored, envelope.numberCode.stored, .text(envelope.personal), .text(topic.name),
                    envelope.partition.stored, .integer(envelope.number),
                ]
            })
    }
}
