import Storage
import Values

// Events that were written before there were codes get them: once, in the kit's step, so that what comes later without
// one is refused; and where it is allowed, while processes of an older version are running (setting `event-codes`).

extension Journal {
    private static let slice = 1000

    /// Gives codes to events of the journal that have none, or have none for their number, a slice of them. Returns
    /// whether there may be more.
    package func giveCodes(in transaction: any Transaction) throws -> Bool {
        let unwritten = try giveCodes(
            """
            SELECT \(Envelope.journalColumns), position FROM journal
            WHERE code IS NULL ORDER BY position LIMIT \(Journal.slice)
            """, in: transaction)
        let unnumbered = try giveCodes(
            """
            SELECT \(Envelope.journalColumns), position FROM journal
            WHERE number_code IS NULL AND number > 0 ORDER BY position LIMIT \(Journal.slice)
            """, in: transaction)
        return max(unwritten, unnumbered) == Journal.slice
    }

    private func giveCodes(_ query: SQL, in transaction: any Transaction) throws -> Int {
        let rows = try transaction.fetch(query)
        try transaction.send(
            "UPDATE journal SET code = ?, number_code = ?, personal = ?, number = ? WHERE position = ?",
            rows: rows.map { row in
                let envelope = codes.given(to: try Envelope(journalRow: row, topic: topic))
                // One that was refused meanwhile is to be numbered now.
                let number: Value = envelope.number > 0 ? .integer(envelope.number) : .null
                return [
                    envelope.code.stored, envelope.numberCode.stored, .text(envelope.personal), number,
                    row.values[Envelope.journalColumnCount],
                ]
            })
        return rows.count
    }
}

extension Parked {
    private static let slice = 1000

    /// Gives codes to parked events that have none, a slice of them. Returns whether there may be more.
    package static func giveCodes(_ codes: EventCodes, in transaction: any Transaction) throws -> Bool {
        let rows = try transaction.fetch(
            "SELECT \(Envelope.journalColumns), topic FROM parked WHERE code IS NULL LIMIT \(slice)")
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
        return rows.count == slice
    }
}
