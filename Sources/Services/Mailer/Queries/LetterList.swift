import Directory
import Storage
import Values

/// Letters, the newest first.
struct LetterList: Sendable {
    struct Filter: Sendable {
        var state: Letter.State?
        /// Only letters to these; `nil` for everybody's.
        var people: [ID]?
    }

    let letters: [Letter]
    /// Those whom the letters are to, as far as they are known.
    let people: [ID: Person]
    /// The cursor of the next page.
    let next: Int64?

    static func page(
        _ filter: Filter, before cursor: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> LetterList {
        let state: SQL = filter.state.map { "AND state = \($0.rawValue)" } ?? ""
        let to: SQL = filter.people.map { "AND person IN (\(list: $0))" } ?? ""
        var letters = try transaction.fetch(
            """
            SELECT \(Letter.columns) FROM letter WHERE position < \(cursor ?? Int64.max) \(state) \(to)
            ORDER BY position DESC LIMIT \(limit + 1)
            """
        ).map(Letter.init)
        let more = letters.count > limit
        if more { letters.removeLast() }
        return LetterList(
            letters: letters, people: try Directory.people(letters.map(\.person), in: transaction),
            next: more ? letters.last?.position : nil)
    }

    /// How many wait.
    static func waiting(in transaction: any Transaction) throws -> Int {
        try transaction.value("SELECT COUNT(*) FROM letter WHERE state = 'waiting'") ?? 0
    }

    /// People whose name or address has `text` in it, in whatever case and with whatever accents, at most 50.
    static func people(like text: String, in transaction: any Transaction) throws -> [ID] {
        if let id = ID(text) { return [id] }
        let wanted = Array(FoldedText.text(text.trimmed()).utf8)
        guard !wanted.isEmpty else { return [] }
        var found: [ID] = []
        var last: Person?
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
            last = people.last
        } while last != nil && found.count < 50
        return found
    }
}
