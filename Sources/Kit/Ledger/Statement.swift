import Storage
import Values

extension Ledger {
    /// The current state of an account; `nil` if there is none.
    package static func account(_ id: ID, in transaction: any Transaction) throws -> Account? {
        try transaction.fetchOne(
            "SELECT \(SQL(text: Account.columns, values: [])) FROM account WHERE id = \(id)"
        ).map(Account.init)
    }

    /// An entry; `nil` if there is none.
    package static func entry(_ id: ID, in transaction: any Transaction) throws -> Entry? {
        try transaction.fetchOne(
            "SELECT \(SQL(text: Entry.columns, values: [])) FROM entry WHERE id = \(id)"
        ).map(Entry.init)
    }

    /// What was booked for a subject (such as a task), on any account, in the order in which it happened. Needs
    /// ``subjectIndex``.
    package static func entries(about subject: ID, limit: Int, in transaction: any Transaction) throws -> [Entry] {
        try transaction.fetch(
            """
            SELECT \(SQL(text: Entry.columns, values: [])) FROM entry WHERE subject = \(subject) ORDER BY id
            LIMIT \(limit)
            """
        ).map(Entry.init)
    }

    /// Which of these entries exist already.
    package static func known(_ ids: [ID], in transaction: any Transaction) throws -> Set<ID> {
        let rows = try transaction.fetch(in: ids) { "SELECT id FROM entry WHERE id IN (\(list: $0))" }
        var known: Set<ID> = []
        for row in rows { known.insert(try row(0)) }
        return known
    }

    /// What an account did on a day; `nil` if it has no entries on that day.
    package static func accountDay(
        _ account: ID, _ day: Day, in transaction: any Transaction
    ) throws -> AccountDay? {
        try transaction.fetchOne(
            """
            SELECT \(SQL(text: AccountDay.columns, values: [])) FROM account_day
            WHERE account = \(account) AND day = \(day)
            """
        ).map(AccountDay.init)
    }

    /// The days with entries up to and including `day`, latest first.
    package static func days(
        of account: ID, through day: Day, limit: Int, in transaction: any Transaction
    ) throws -> [AccountDay] {
        try transaction.fetch(
            """
            SELECT \(SQL(text: AccountDay.columns, values: [])) FROM account_day
            WHERE account = \(account) AND day <= \(day) ORDER BY day DESC LIMIT \(limit)
            """
        ).map(AccountDay.init)
    }

    /// The first day with entries after `day`; `nil` if there is none.
    package static func dayAfter(_ day: Day, of account: ID, in transaction: any Transaction) throws -> Day? {
        try transaction.value(
            "SELECT day FROM account_day WHERE account = \(account) AND day > \(day) ORDER BY day LIMIT 1")
    }

    /// An account's entries of one day, latest first, at most `limit`. It follows the chain backwards from the day's
    /// last entry. `cursor` is the last entry of the previous page.
    package static func statement(
        of account: ID, day: Day, after cursor: ID? = nil, limit: Int, in transaction: any Transaction
    ) throws -> [Entry] {
        var start: ID?
        if let cursor {
            guard let shown = try entry(cursor, in: transaction), shown.account == account, shown.day == day else {
                return []
            }
            start = shown.previous
        } else {
            start = try accountDay(account, day, in: transaction)?.last
        }
        guard let start, limit > 0 else { return [] }
        let columns = SQL(text: Entry.columns, values: [])
        let walked = SQL(
            text: Entry.columns.parts(at: ",").map { "e.\($0.trimmed())" }.joined(separator: ", "), values: [])
        return try transaction.fetch(
            """
            WITH RECURSIVE walk AS (
                SELECT 1 AS depth, \(walked) FROM entry e WHERE e.id = \(start) AND e.day = \(day)
                UNION ALL
                SELECT w.depth + 1, \(walked) FROM walk w JOIN entry e ON e.id = w.previous
                WHERE w.depth < \(limit) AND e.day = \(day)
            )
            SELECT \(columns) FROM walk ORDER BY depth LIMIT \(limit)
            """
        ).map(Entry.init)
    }
}
