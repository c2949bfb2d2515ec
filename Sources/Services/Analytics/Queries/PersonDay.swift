import Storage
import Values
import Web

/// The sums of one person's operations on a day (X32).
struct PersonDay: Sendable {
    let person: ID
    let day: Day
    let operations: Int
    let charged: Cents
    let rewarded: Cents
    /// Signed.
    let corrected: Cents
    /// Paid out at the close.
    let paid: Cents
    /// At the end of the day, after the payout; on the open day, the balance so far.
    let balance: Cents
    /// From the Directory; empty if it is not known yet.
    let name: String

    private static let columns = SQL(
        """
        person, day, operations, charged, rewarded, corrected, paid, balance, \
        COALESCE((SELECT d.name FROM directory_person d WHERE d.id = person_day.person), '') AS name,
        COALESCE((SELECT d.folded FROM directory_person d WHERE d.id = person_day.person), '') AS folded
        """)

    private init(_ row: Row) throws {
        person = try row(0)
        day = try row(1)
        operations = try row(2)
        charged = try row(3)
        rewarded = try row(4)
        corrected = try row(5)
        paid = try row(6)
        balance = try row(7)
        name = try row(8)
    }

    /// Its position in ``list(on:after:limit:in:)``.
    var place: KeyPair<String, ID> { KeyPair(FoldedText.text(name), person) }

    /// Everybody who had operations on the day, by name, after `place`. Sorts one day's people for each page, because
    /// names come from the Directory and can change.
    static func list(
        on day: Day, after place: KeyPair<String, ID>?, limit: Int, in transaction: any Transaction
    ) throws -> [PersonDay] {
        let generation = try Generation.shown(in: transaction)
        let after: SQL = place.map { "WHERE (folded, person) > (\($0.first), \($0.second))" } ?? ""
        return try transaction.fetch(
            """
            SELECT person, day, operations, charged, rewarded, corrected, paid, balance, name FROM
            (SELECT \(columns) FROM person_day WHERE generation = \(generation) AND day = \(day)) AS line
            \(after) ORDER BY folded, person LIMIT \(limit)
            """
        ).map(PersonDay.init)
    }

    static func of(_ person: ID, on day: Day, in transaction: any Transaction) throws -> PersonDay? {
        let generation = try Generation.shown(in: transaction)
        return try transaction.fetchOne(
            """
            SELECT \(columns) FROM person_day WHERE generation = \(generation) AND day = \(day) AND person = \(person)
            """
        ).map(PersonDay.init)
    }

    /// The nearest days before and after on which the person had operations.
    static func neighbours(
        of person: ID, around day: Day, in transaction: any Transaction
    ) throws -> (before: Day?, after: Day?) {
        let generation = try Generation.shown(in: transaction)
        let before: Day? = try transaction.value(
            """
            SELECT day FROM person_day WHERE generation = \(generation) AND person = \(person) AND day < \(day)
            ORDER BY day DESC LIMIT 1
            """)
        let after: Day? = try transaction.value(
            """
            SELECT day FROM person_day WHERE generation = \(generation) AND person = \(person) AND day > \(day)
            ORDER BY day LIMIT 1
            """)
        return (before, after)
    }
}
