/// What a body works with. On every driver, an error that a statement throws ends the transaction; do not catch it and
/// continue. For a conflict that is expected, use `ON CONFLICT … RETURNING`, or a compare-and-set and check its count.
package protocol Transaction: AnyObject {
    var dialect: Dialect { get }

    /// Runs a query and returns all its rows. Bound every query with a LIMIT.
    func fetch(_ sql: SQL) throws -> [Row]

    /// A query whose rows stay locked until the end: `FOR UPDATE` on PostgreSQL, plain on SQLite, where one writer
    /// works at a time. `sql` must end where `FOR UPDATE` can follow.
    func fetchLocking(_ sql: SQL) throws -> [Row]

    /// Like ``fetchLocking(_:)``, but others may take the same lock: `FOR SHARE`.
    func fetchSharing(_ sql: SQL) throws -> [Row]

    /// Runs a query and passes on its rows one at a time, without holding all of them: for exports and checks. `body`
    /// may not use the transaction. If `body` throws, that ends the loop but not the transaction.
    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws

    /// Runs a statement and returns how many rows it changed.
    func change(_ sql: SQL) throws -> Int

    /// Like ``change(_:)``, for changes that nobody waits for, such as the renewal of a lease: a commit with nothing
    /// else in it does not count in ``Database/commits``.
    func changeQuietly(_ sql: SQL) throws -> Int

    /// Runs a statement without a result. It may fail as late as the next synchronising call or the commit.
    func send(_ sql: SQL) throws

    /// Runs one statement for each of many rows of values; `text` has a `?` for each value of a row. This is the
    /// fastest way to write many rows. It may fail late, like ``send(_:)``.
    func send(_ text: String, rows: [[Value]]) throws
}

extension Transaction {
    /// The only row, or `nil`.
    package func fetchOne(_ sql: SQL) throws -> Row? {
        try fetch(sql).first
    }

    /// The first column of the only row; `nil` if there is no row.
    package func value<T: Storable>(_ sql: SQL, as type: T.Type = T.self) throws -> T? {
        try fetch(sql).first?(0)
    }
}
