import Storage
import Values

/// What `verify` counted and what it found wrong.
package struct Findings: Sendable {
    /// `tasks: 14011`, in the order of counting.
    package private(set) var counts: [(what: String, count: Int64)] = []
    package private(set) var problems: [String] = []
    /// The total number of problems. `problems` keeps only the first 100 of each check.
    package private(set) var found = 0
    private var kept = 0

    package init() {}

    package mutating func count(_ what: String, _ count: Int64) {
        counts.append((what, count))
    }

    /// Counts by a statement: `SELECT COUNT(*) …`.
    package mutating func count(_ what: String, _ sql: SQL, in transaction: any Transaction) throws {
        count(what, try transaction.value(sql) ?? 0)
    }

    /// Reports a problem: the text names the row, the expected and the actual value.
    package mutating func problem(_ text: String) {
        found += 1
        kept += 1
        if kept <= 100 { problems.append(text) }
    }

    /// Goes through all rows of a statement. `text` says what is wrong with a row; `nil` where nothing is.
    package mutating func eachRow(
        _ sql: SQL, in transaction: any Transaction, _ text: (Row) throws -> String?
    ) throws {
        // Reported at the end: of a statement that fails on its way, the error alone is told.
        var after = self
        try transaction.forEach(sql) { row in
            if let text = try text(row) { after.problem(text) }
        }
        self = after
    }

    /// Reports each row of a statement that finds what is wrong: its first column is an id, and `text` says the rest.
    package mutating func eachID(_ sql: SQL, in transaction: any Transaction, _ text: (ID) -> String) throws {
        try eachRow(sql, in: transaction) { text(try $0(0)) }
    }

    package mutating func nextCheck() { kept = 0 }
}
