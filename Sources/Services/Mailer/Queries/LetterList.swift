import Directory
import Storage
import Values
import Web

/// Letters, the newest first.
enum LetterList {
    struct Filter: Sendable {
        var state: Letter.State?
        /// Only letters to these; `nil` for everybody's.
        var people: [ID]?
    }

    /// Those before `cursor`.
    static func list(
        _ filter: Filter, before cursor: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> [Letter] {
        let state: SQL = filter.state.map { "AND state = \($0.rawValue)" } ?? ""
        let to: SQL = filter.people.map { "AND person IN (\(list: $0))" } ?? ""
        return try transaction.fetch(
            """
            SELECT \(Letter.columns) FROM letter WHERE position < \(cursor ?? Int64.max) \(state) \(to)
            ORDER BY position DESC LIMIT \(limit)
            """
        ).map(Letter.init)
    }

    /// How many wait.
    static func waiting(in transaction: any Transaction) throws -> Int {
        try transaction.value("SELECT COUNT(*) FROM letter WHERE state = 'waiting'") ?? 0
    }

    /// How many were refused or given up within the last day, counted no further than is shown. One that is sent again is
    /// none of them; nor is one to a person without an address, who has to be given one, and no letter.
    static func undelivered(at now: Instant, in transaction: any Transaction) throws -> Int {
        // The states as the index has them.
        try transaction.value(
            """
            SELECT COUNT(*) FROM (
                SELECT position FROM letter WHERE state IN ('refused', 'given-up')
                AND ended_at > \(now.adding(seconds: -86_400)) AND ended_at <= \(now) AND tries > 0
                LIMIT \(Waiting.most + 1)) AS few
            """) ?? 0
    }

    /// People whose name or address has `text` in it, in whatever case and with whatever accents, at most 50.
    static func people(like text: String, in transaction: any Transaction) throws -> [ID] {
        if let id = ID(text) { return [id] }
        let wanted = Array(FoldedText.text(text.trimmed()).utf8)
        guard !wanted.isEmpty else { return [] }
        var found: [ID] = []
        var last: ID?
        repeat {
            // Folded here: the databases' own ideas of case are not the same.
            let people = try Directory.people(after: last, limit: 1000, in: transaction)
            for person in people where found.count < 50 {
                let address = try? MailAddress(person.email)
                let texts = [person.name, person.email, address?.text ?? "", address?.shown ?? ""]
                if texts.contains(where: { Array(FoldedText.text($0).utf8).place(of: wanted) != nil }) {
                    found.append(person.id)
                }
            }
            last = people.last?.id
        } while last != nil && found.count < 50
        return found
    }
}
