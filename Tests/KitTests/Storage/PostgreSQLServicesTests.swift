import Composition
import Dispatch
import Ledger
import PostgreSQLDriver
import ServiceKit
import Storage
import TestKit
import Testing
import Values

/// What services keep in SQLite today, on PostgreSQL: so that no schema or statement of theirs is shaped like SQLite.
@Suite("PostgreSQL: the services' tables", .enabled(if: PostgreSQLFixture.isThere))
struct PostgreSQLServicesTests {
    let fixture: PostgreSQLFixture
    var database: PostgreSQLDatabase { fixture.database }
    let clock = SteppedClock()

    init() throws {
        fixture = try PostgreSQLFixture()
    }

    @Test("A service's schema comes up", arguments: Services.names)
    func schema(name: String) throws {
        let module = try #require(Services.all.first { $0.name == name })
        try start(module.init(.test(clock)))
    }

    private func start(_ service: any Service) throws {
        // Twice, as at every start but the first.
        for _ in 0..<2 {
            try database.migrate(for: service, now: clock.now)
            try service.prepare(database, clock.environment)
        }
        #expect(try database.number("SELECT COUNT(*) FROM migration") == service.steps.count)
    }

    @Test("X29: eight threads book on the same accounts, and the audit finds every chain and sum whole")
    func ledger() throws {
        let (database, environment, now) = (database, clock.environment, clock.now)
        try database.migrate([Migration(1, "ledger", Ledger.schema + Ledger.transferSchema)], now: now)
        let accounts = (0..<10).map { _ in environment.newID() }
        let day = Day(number: 20_000)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for round in 0..<10 {
                // Made outside of the body, which may run again.
                let postings = accounts.shuffled().prefix(5).flatMap { account in
                    [Cents(-15), Cents(30)].map { amount in
                        Ledger.Posting(
                            id: environment.newID(), account: account,
                            counterpart: Ledger.CompanyAccount(amount < .zero ? "fees" : "rewards"), amount: amount,
                            kind: amount < .zero ? "fee" : "reward", memo: .init(title: "round \(round)"))
                    }
                }
                #expect(throws: Never.self) {
                    try database.write { transaction in
                        var book = try Ledger.Book(
                            accounts: postings.map(\.account), day: day, at: now, lane: thread % 2, in: transaction)
                        for posting in postings { _ = try book.post(posting) }
                        try book.write(in: transaction)
                    }
                }
            }
        }
        let (problems, entries) = try database.read { transaction in
            var problems: [String] = []
            let audit = try Ledger.Audit.run(
                in: transaction, payoutKind: "payout", visit: { _ in }, problem: { problems.append($0) })
            return (problems, audit.entries)
        }
        #expect(problems.isEmpty)
        #expect(entries == 800)
        let statement = try database.read { transaction in
            try Ledger.statement(of: accounts[0], day: day, limit: 7, in: transaction)
        }
        #expect(statement.count == 7)
    }
}
