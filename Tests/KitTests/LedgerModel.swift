import Ledger
import Storage
import TestKit
import Testing
import Values

/// Books at random from a seed, and keeps the same accounts in plain dictionaries beside it.
struct LedgerModel {
    let database: any Database
    let clock: SteppedClock
    private var random: SplitMix64
    private var day = Day(number: 20_000)
    private var balances: [ID: Int64] = [:]
    private var days: [ID: Day] = [:]
    private var logs: [ID: [Day: [ID]]] = [:]
    private var company: [String: Int64] = [:]
    private var entries: Int64 = 0

    init(seed: UInt64, database: any Database) {
        self.database = database
        clock = SteppedClock(seed: seed)
        random = SplitMix64(seed: seed)
    }

    mutating func run(rounds: Int) throws {
        let accounts = (0..<6).map { _ in clock.environment.newID() }
        for _ in 0..<rounds {
            clock.advance(milliseconds: Int64.random(in: 0...5000, using: &random))
            if Int.random(in: 0..<8, using: &random) == 0 { day = day.next }
            let postings = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                draw(accounts[Int.random(in: 0..<accounts.count, using: &random)])
            }
            try book(postings)
        }
        try compare(accounts)
    }

    private mutating func draw(_ account: ID) -> Ledger.Posting {
        let isReward = Int.random(in: 0..<3, using: &random) == 0
        // Ids out of the order of booking, as those of events of several partitions are.
        let id = ID(
            milliseconds: clock.now.milliseconds - Int64.random(in: 0...3000, using: &random),
            random: (random.next(), random.next()))
        return Ledger.Posting(
            id: id, account: account, counterpart: .init(isReward ? "rewards" : "fees"),
            amount: .units(
                isReward ? Int64.random(in: 20...40, using: &random) : -Int64.random(in: 10...20, using: &random)),
            kind: isReward ? "reward" : "fee", memo: .init(subject: clock.environment.newID(), title: "Имя [1], «2»"))
    }

    private mutating func book(_ postings: [Ledger.Posting]) throws {
        let (day, now, lane) = (day, clock.now, Int.random(in: 0..<16, using: &random))
        let seed = random.next()
        try database.write { transaction in
            var book = try Ledger.Book(
                accounts: postings.map(\.account), day: day, at: now, lane: lane, in: transaction)
            for account in book.accounts {
                _ = try book.closeDays(of: account) { closed, balance in
                    Ledger.Posting(
                        id: ID(high: UInt64(closed.number), low: seed).derived("\(account)"), account: account,
                        counterpart: .init("clearing"), amount: try balance.negated(), kind: "payout")
                }
            }
            for posting in postings { _ = try book.post(posting) }
            try book.write(in: transaction)
        }
        for account in Set(postings.map(\.account)) {
            let before = balances[account, default: 0]
            if let last = days[account], last < day, before > 0 {
                balances[account] = 0
                company["clearing", default: 0] += before
                logs[account, default: [:]][last, default: []].append(
                    ID(high: UInt64(last.number), low: seed).derived("\(account)"))
                entries += 1
            }
            days[account] = day
        }
        for posting in postings {
            balances[posting.account, default: 0] += posting.amount.amount
            company[posting.counterpart.name, default: 0] -= posting.amount.amount
            logs[posting.account, default: [:]][day, default: []].append(posting.id)
            entries += 1
        }
    }

    private func compare(_ accounts: [ID]) throws {
        let audit = try LedgerTests.audit(database)
        #expect(audit.problems.isEmpty)
        #expect(audit.entries == entries)
        for account in accounts where balances[account] != nil {
            let stored = try database.read { try Ledger.account(account, in: $0) }
            #expect(stored?.balance.amount == balances[account])
            for (day, ids) in logs[account] ?? [:] {
                let statement = try database.read {
                    try Ledger.statement(of: account, day: day, limit: 10_000, in: $0)
                }
                #expect(statement.map(\.id) == ids.reversed())
            }
        }
        for (name, net) in company {
            let sums = try database.read {
                try Ledger.sums(of: .init(name), from: Day(number: 0), through: Day(number: 99_999), in: $0)
            }
            #expect(sums.reduce(0) { $0 + $1.credit.amount - $1.debit.amount } == net)
        }
    }
}
