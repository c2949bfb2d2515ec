import Ledger
import SQLiteDriver
import Storage
import TestKit
import Testing
import Values

@Suite("Ledger")
struct LedgerTests {
    let database: SQLiteDatabase
    let clock = SteppedClock(seed: 7)
    let day = Day(number: 20_000)
    static let fees = Ledger.CompanyAccount("fees")
    static let rewards = Ledger.CompanyAccount("rewards")
    static let clearing = Ledger.CompanyAccount("clearing")

    init() throws {
        database = try SQLiteDatabase.inline(name: "ledger")
        try database.migrate([Migration(1, "ledger", Ledger.schema + Ledger.transferSchema)], now: clock.now)
    }

    func posting(_ account: ID, _ amount: Int64, id: ID? = nil) -> Ledger.Posting {
        Ledger.Posting(
            id: id ?? clock.environment.newID(), account: account,
            counterpart: amount < 0 ? LedgerTests.fees : LedgerTests.rewards, amount: Cents(amount),
            kind: amount < 0 ? "fee" : "reward", memo: Ledger.Memo(title: "task of \(amount)"))
    }

    static func audit(_ database: any Database) throws -> (problems: [String], entries: Int64) {
        try database.read { transaction in
            var problems: [String] = []
            let audit = try Ledger.Audit.run(
                in: transaction, payoutKind: "payout", visit: { _ in }, problem: { problems.append($0) })
            return (problems, audit.entries)
        }
    }

    @Test("X23: a posting moves an amount between two accounts, and the whole is zero")
    func balanced() throws {
        let account = clock.environment.newID()
        let postings = [posting(account, -1500), posting(account, 3000)]
        let (day, now) = (day, clock.now)
        let entries = try database.write { try Ledger.post(postings, day: day, at: now, in: $0) }
        #expect(entries.map(\.balance) == [Cents(-1500), Cents(1500)])
        #expect(entries[1].previous == entries[0].id)
        let sums = try database.read { try Ledger.sums(of: LedgerTests.fees, from: day, through: day, in: $0) }
        #expect(sums.first?.credit == Cents(1500))
        #expect(try LedgerTests.audit(database).problems.isEmpty)
    }

    @Test("X40: an entry with the same id cannot be booked twice, and the attempt leaves nothing")
    func once() throws {
        let account = clock.environment.newID()
        let first = posting(account, -1500)
        let (day, now) = (day, clock.now)
        _ = try database.write { try Ledger.post([first], day: day, at: now, in: $0) }
        #expect(throws: StorageError.self) {
            _ = try database.write { try Ledger.post([first], day: day, at: now, in: $0) }
        }
        let balance = try database.read { try Ledger.account(account, in: $0)?.balance }
        #expect(balance == Cents(-1500))
        #expect(try LedgerTests.audit(database).entries == 1)
    }

    @Test("X20: a sum beyond 64 bits is refused, not wrapped")
    func overflow() throws {
        let account = clock.environment.newID()
        let postings = [posting(account, .max), posting(account, 1)]
        let (day, now) = (day, clock.now)
        #expect(throws: AmountOutOfRange.self) {
            _ = try database.write { try Ledger.post(postings, day: day, at: now, in: $0) }
        }
        #expect(try LedgerTests.audit(database).entries == 0)
    }

    @Test("X24: a statement walks the chain backwards, page by page, and stays on its day")
    func statement() throws {
        let account = clock.environment.newID()
        let now = clock.now
        var booked: [ID] = []
        for offset in 0..<3 {
            let day = day.adding(days: offset)
            let postings = (1...25).map { posting(account, -Int64($0)) }
            try database.write { transaction in
                var book = try Ledger.Book(accounts: [account], day: day, at: now, in: transaction)
                _ = try book.closeDays(of: account) { _, _ in throw AmountOutOfRange() }
                for posting in postings { _ = try book.post(posting) }
                try book.write(in: transaction)
            }
            if offset == 1 { booked = postings.map(\.id) }
        }
        let second = day.next
        var walked: [ID] = []
        while true {
            let cursor = walked.last
            let page = try database.read {
                try Ledger.statement(of: account, day: second, after: cursor, limit: 7, in: $0)
            }
            if page.isEmpty { break }
            walked += page.map(\.id)
        }
        #expect(walked == booked.reversed())
        #expect(try LedgerTests.audit(database).problems.isEmpty)
    }

    @Test(
        "X23: a changed row shows",
        arguments: [
            "UPDATE entry SET amount = amount + 1", "UPDATE entry SET title = 'another'",
            "UPDATE entry SET balance = balance + 1", "UPDATE entry SET hash = zeroblob(32)",
            "UPDATE entry SET day = day - 1", "UPDATE account SET balance = balance + 1",
            "UPDATE account_day SET operations = operations + 1", "UPDATE company_sum SET credit = credit + 1",
            "UPDATE entry SET account = zeroblob(16)", "DELETE FROM entry", "DELETE FROM account_day",
            "DELETE FROM company_sum", "UPDATE account SET day = day + 1, opening = 5",
        ])
    func tampering(statement: String) throws {
        let accounts = (0..<3).map { _ in clock.environment.newID() }
        let postings = (0..<30).map { posting(accounts[$0 % 3], $0 % 4 == 0 ? 3000 : -1500) }
        let (day, now) = (day, clock.now)
        _ = try database.write { try Ledger.post(postings, day: day, at: now, in: $0) }
        #expect(try LedgerTests.audit(database).problems.isEmpty)
        // Nothing enforces who may write to a file; the audit tells.
        let one = statement.contains("entry") ? " WHERE id = (SELECT id FROM entry ORDER BY id LIMIT 1 OFFSET 10)" : ""
        try database.write { try $0.send(SQL(text: statement + one, values: [])) }
        #expect(try !LedgerTests.audit(database).problems.isEmpty)
    }

    @Test("X23: random bookings and closes agree with a plain model", arguments: 1...8)
    func model(seed: Int) throws {
        var model = LedgerModel(seed: UInt64(seed), database: database)
        try model.run(rounds: 60)
    }

    @Test("X26: an account's first booking on a new day pays out what the old one left")
    func close() throws {
        let account = clock.environment.newID()
        let (first, second) = (posting(account, 3000), posting(account, -1500))
        let (day, now, payout) = (day, clock.now, clock.environment.newID())
        _ = try database.write { try Ledger.post([first], day: day, at: now, in: $0) }
        let closes = try database.write { transaction in
            var book = try Ledger.Book(accounts: [account], day: day.adding(days: 2), at: now, in: transaction)
            let closes = try book.closeDays(of: account) { _, balance in
                Ledger.Posting(
                    id: payout, account: account, counterpart: LedgerTests.clearing, amount: try balance.negated(),
                    kind: "payout")
            }
            _ = try book.post(second)
            try book.write(in: transaction)
            return closes
        }
        #expect(closes.map(\.day) == [day, day.next])
        #expect(closes.map(\.closing) == [Cents(3000), .zero])
        #expect(closes[0].payout?.day == day)
        let row = try database.read { try Ledger.accountDay(account, day, in: $0) }
        #expect(row?.paid == Cents(3000) && row?.closing == .zero && row?.operations == 1)
        #expect(try LedgerTests.audit(database).problems.isEmpty)
    }
}

@Suite("Ledger on PostgreSQL", .enabled(if: PostgreSQLFixture.isThere))
struct LedgerPostgreSQLTests {
    @Test("X23: random bookings and closes agree with a plain model", arguments: 1...3)
    func model(seed: Int) throws {
        let fixture = try PostgreSQLFixture()
        try fixture.database.migrate(
            [Migration(1, "ledger", Ledger.schema + Ledger.transferSchema)], now: SteppedClock().now)
        var model = LedgerModel(seed: UInt64(seed), database: fixture.database)
        try model.run(rounds: 25)
    }
}
