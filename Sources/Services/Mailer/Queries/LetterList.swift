import Directory
import Storage
import Values
import Web

/// Letters, the newest first.
enum LetterList {
    struct Filter: Sendable {
        var state: Letter.State?
        /// Only letters to these people; `nil` for everybody's.
        var people: [ID]?
    }

    /// Letters before `cursor`.
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

    /// How many letters wait.
    static func waiting(in transaction: any Transaction) throws -> Int {
        try transaction.value("SELECT COUNT(*) FROM letter WHERE state = 'waiting'") ?? 0
    }

    /// How many letters were refused or given up within the last day; counts up to the number that is shown. A letter
    /// that is being sent again does not count. Nor does one to a person without an address: that person needs an
    /// address, and not a letter.
    static func undelivered(at now: Instant, in transaction: any Transaction) throws -> Int {
        // The states are written as in the index.
        try transaction.value(
            """
            SELECT COUNT(*) FROM (
                SELECT position FROM letter WHERE state IN ('refused', 'given-up')
                AND ended_at > \(now.adding(seconds: -86_400)) AND ended_at <= \(now) AND tries > 0
                LIMIT \(Waiting.most + 1)) AS few
            """) ?? 0
    }

    /// People whose name or address contains `text`, ignoring case and accents; at most 50.
    static func people(like text: String, in transaction: any Transaction) throws -> [ID] {
        if let id = ID(text) { return [id] }
        let wanted = Array(FoldedText.text(text.trimmed()).utf8)
        guard !wanted.isEmpty else { return [] }
        var found: [ID] = []
        var last: ID?
        repeat {
            // Folded here, because the databases treat case differently.
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
