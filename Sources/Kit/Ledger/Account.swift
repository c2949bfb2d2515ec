import Storage
import Values

extension Ledger {
    /// The current state of a personal account.
    package struct Account: Hashable, Sendable {
        package let id: ID
        package var balance: Cents
        /// Its last entry.
        package var head: ID?
        package var headHash: [UInt8]
        /// The open business day. All earlier days since the account was opened are closed.
        package var day: Day
        /// The balance at the beginning of that day.
        package var opening: Cents
        /// What was added and what was taken on that day, payouts not counted.
        package var credited: Cents
        package var debited: Cents
        /// The number of operations on that day, payouts not counted.
        package var operations: Int
        /// The hash of the last entry as of the last close.
        package var closedHash: [UInt8]
        package let openedDay: Day
        package let openedAt: Instant

        init(id: ID, day: Day, at: Instant) {
            self.id = id
            balance = .zero
            head = nil
            headHash = Ledger.genesis
            self.day = day
            opening = .zero
            credited = .zero
            debited = .zero
            operations = 0
            closedHash = Ledger.genesis
            openedDay = day
            openedAt = at
        }
    }

    /// What one account did on one day. Exists only for days with entries.
    package struct AccountDay: Hashable, Sendable {
        package let account: ID
        package let day: Day
        package let opening: Cents
        package var credited: Cents
        package var debited: Cents
        /// Moved out at the close.
        package var paid: Cents
        /// The balance after everything, including the payout.
        package var closing: Cents
        /// Payouts not counted.
        package var operations: Int
        package var last: ID
        package var lastHash: [UInt8]
    }
}

extension Ledger.Account {
    static let columns = """
        id, balance, head, head_hash, day, opening, credited, debited, operations, closed_hash, opened_day, opened_at
        """
    static let insertion = """
        INSERT INTO account (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
        """
    static let update = """
        UPDATE account SET balance = ?, head = ?, head_hash = ?, day = ?, opening = ?, credited = ?, debited = ?, \
        operations = ?, closed_hash = ? WHERE id = ?
        """

    init(_ row: Row) throws {
        id = try row(0)
        balance = try row(1)
        head = try row(2)
        headHash = try row(3)
        day = try row(4)
        opening = try row(5)
        credited = try row(6)
        debited = try row(7)
        operations = try row(8)
        closedHash = try row(9)
        openedDay = try row(10)
        openedAt = try row(11)
    }

    var changes: [Value] {
        [
            balance.stored, head.stored, .blob(headHash), day.stored, opening.stored, credited.stored, debited.stored,
            operations.stored, .blob(closedHash),
        ]
    }

    var insertedValues: [Value] { [id.stored] + changes + [openedDay.stored, openedAt.stored] }
    var updatedValues: [Value] { changes + [id.stored] }

    /// Returns the accounts with these ids, locked in the order of ids, so that two batches never deadlock.
    static func lock(_ ids: [ID], in transaction: any Transaction) throws -> [Ledger.Account] {
        try transaction.fetchLocking(in: ids) {
            "SELECT \(SQL(text: columns, values: [])) FROM account WHERE id IN (\(list: $0)) ORDER BY id"
        }.map(Ledger.Account.init)
    }
}

extension Ledger.AccountDay {
    static let columns = "account, day, opening, credited, debited, paid, closing, operations, last, last_hash"
    static let upsert = """
        INSERT INTO account_day (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
        ON CONFLICT (account, day) DO UPDATE SET credited = excluded.credited, debited = excluded.debited, \
        paid = excluded.paid, closing = excluded.closing, operations = excluded.operations, last = excluded.last, \
        last_hash = excluded.last_hash
        """

    init(_ row: Row) throws {
        account = try row(0)
        day = try row(1)
        opening = try row(2)
        credited = try row(3)
        debited = try row(4)
        paid = try row(5)
        closing = try row(6)
        operations = try row(7)
        last = try row(8)
        lastHash = try row(9)
    }

    var values: [Value] {
        [
            account.stored, day.stored, opening.stored, credited.stored, debited.stored, paid.stored, closing.stored,
            operations.stored, last.stored, .blob(lastHash),
        ]
    }
}
