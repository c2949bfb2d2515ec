import Storage
import Values

extension Ledger {
    /// Recomputes the whole ledger from its entries and transfers in one pass each: every chain, balance, day row and
    /// company sum.
    ///
    /// Entries are read in the order of their ids, which is nearly the order of each chain. An entry that comes before
    /// its predecessor is kept until the predecessor comes. So memory holds one record per account and day, not the
    /// entries.
    package struct Audit {
        package private(set) var entries: Int64 = 0
        package private(set) var accounts = 0
        package private(set) var days = 0
        package private(set) var transfers: Int64 = 0
        private var chains: [ID: Chain] = [:]
        private var waiting: [Link: Entry] = [:]
        private var sums: [SumKey: (debit: Cents, credit: Cents, operations: Int)] = [:]
        /// Recomputed days. Each is removed when the stored row has been compared with it.
        private var computed: [DayKey: Int] = [:]
        private let problem: (String) -> Void
        private let payoutKind: String

        private struct Link: Hashable {
            let account: ID
            let previous: ID?
        }

        private struct DayKey: Hashable {
            let account: ID
            let day: Day
        }

        private struct SumKey: Hashable {
            let name: CompanyAccount
            let day: Day
        }

        /// How far an account's chain has been followed.
        private struct Chain {
            let stored: Account?
            var head: ID?
            var hash = Ledger.genesis
            var closedHash = Ledger.genesis
            var balance = Cents.zero
            var today: AccountDay?
            var paidOut = false
        }

        /// Reports everything that is wrong to `problem`. Passes every entry of an unbroken chain to `visit`, in the
        /// order of its account.
        package static func run(
            in transaction: any Transaction, payoutKind: String, visit: (Entry) -> Void,
            problem: @escaping (String) -> Void
        ) throws -> Audit {
            var audit = Audit(payoutKind: payoutKind, problem: problem)
            try transaction.forEach(
                "SELECT \(SQL(text: Account.columns, values: [])) FROM account"
            ) { row in
                let account = try Account(row)
                audit.chains[account.id] = Chain(stored: account)
            }
            audit.accounts = audit.chains.count
            try transaction.forEach(
                "SELECT \(SQL(text: Entry.columns, values: [])) FROM entry ORDER BY id"
            ) { row in
                audit.entries += 1
                audit.take(try Entry(row), visit: visit)
            }
            for entry in audit.waiting.values {
                problem("entry \(entry.id) of account \(entry.account) is not connected to its chain")
            }
            audit.checkAccounts()
            try audit.takeTransfers(in: transaction)
            try audit.checkDays(in: transaction)
            try audit.checkSums(in: transaction)
            return audit
        }

        private init(payoutKind: String, problem: @escaping (String) -> Void) {
            self.payoutKind = payoutKind
            self.problem = problem
        }

        private mutating func take(_ entry: Entry, visit: (Entry) -> Void) {
            var next = entry
            var chain = chains[entry.account] ?? Chain(stored: nil)
            guard chain.head == next.previous else {
                let link = Link(account: next.account, previous: next.previous)
                if let other = waiting[link] {
                    problem(
                        "entries \(other.id) and \(next.id) both follow \(link.previous?.description ?? "the opening")")
                } else {
                    waiting[link] = next
                }
                return
            }
            while true {
                advance(&chain, by: next)
                visit(next)
                guard let following = waiting.removeValue(forKey: Link(account: next.account, previous: next.id))
                else { break }
                next = following
            }
            chains[entry.account] = chain
        }

        private mutating func advance(_ chain: inout Chain, by entry: Entry) {
            let place = "entry \(entry.id) of account \(entry.account)"
            if entry.computedHash(after: chain.hash) != entry.hash { problem("\(place): its hash does not fit") }
            let balance = (try? chain.balance.plus(entry.amount)) ?? chain.balance
            if balance != entry.balance {
                problem("\(place): balance after is \(entry.balance.plain), and \(balance.plain) was expected")
            }
            if let today = chain.today, today.day != entry.day {
                if entry.day < today.day { problem("\(place): booked on \(entry.day), after entries of \(today.day)") }
                finish(&chain)
            } else if chain.paidOut {
                problem("\(place): booked on \(entry.day) after that day's payout")
            }
            let isPayout = entry.kind == payoutKind
            let before =
                chain.today
                ?? AccountDay(
                    account: entry.account, day: entry.day, opening: chain.balance, credited: .zero, debited: .zero,
                    paid: .zero, closing: chain.balance, operations: 0, last: entry.id, lastHash: entry.hash)
            var today = before
            if isPayout {
                today.paid = (try? entry.amount.negated()) ?? .zero
                chain.paidOut = true
                if balance != .zero { problem("\(place): the payout left \(balance.plain)") }
            } else {
                today.operations += 1
                if entry.amount < .zero {
                    today.debited = (try? before.debited.minus(entry.amount)) ?? before.debited
                } else {
                    today.credited = (try? before.credited.plus(entry.amount)) ?? before.credited
                }
            }
            today.closing = balance
            today.last = entry.id
            today.lastHash = entry.hash
            chain.today = today
            chain.head = entry.id
            chain.hash = entry.hash
            chain.balance = balance
            addToCompany(entry)
        }

        /// Stores the result of a finished day.
        private mutating func finish(_ chain: inout Chain) {
            guard let today = chain.today else { return }
            if today.closing > .zero {
                problem("account \(today.account): \(today.day) was closed with \(today.closing.plain) not paid out")
            }
            computed[DayKey(account: today.account, day: today.day)] = today.hashValue
            chain.closedHash = chain.hash
            chain.today = nil
            chain.paidOut = false
        }

        private mutating func addToCompany(_ entry: Entry) {
            let key = SumKey(name: entry.counterpart, day: entry.day)
            var sum = sums[key] ?? (.zero, .zero, 0)
            if entry.amount < .zero {
                sum.credit = (try? sum.credit.minus(entry.amount)) ?? sum.credit
            } else {
                sum.debit = (try? sum.debit.plus(entry.amount)) ?? sum.debit
            }
            sum.operations += 1
            sums[key] = sum
        }

        private mutating func checkAccounts() {
            for (id, chain) in chains {
                guard let account = chain.stored else {
                    problem("account \(id) has entries and no row")
                    continue
                }
                var chain = chain
                if let today = chain.today, today.day > account.day {
                    problem("account \(id) stands on \(account.day), and has entries on \(today.day)")
                }
                if let today = chain.today {
                    if today.day == account.day {
                        computed[DayKey(account: id, day: today.day)] = today.hashValue
                    } else {
                        finish(&chain)
                    }
                }
                var expected = Account(id: id, day: account.openedDay, at: account.openedAt)
                expected.day = account.day
                expected.balance = chain.balance
                expected.head = chain.head
                expected.headHash = chain.hash
                expected.opening = chain.today?.opening ?? chain.balance
                expected.credited = chain.today?.credited ?? .zero
                expected.debited = chain.today?.debited ?? .zero
                expected.operations = chain.today?.operations ?? 0
                expected.closedHash = chain.closedHash
                if expected != account {
                    problem(
                        "account \(id) has balance \(account.balance.plain), last entry "
                            + "\(account.head?.description ?? "none"), \(account.operations) operations on \(account.day); its "
                            + "entries give \(expected.balance.plain), \(expected.head?.description ?? "none"), "
                            + "\(expected.operations)")
                }
            }
        }

        private mutating func checkDays(in transaction: any Transaction) throws {
            var left = computed
            var count = 0
            let problem = problem
            try transaction.forEach("SELECT \(SQL(text: AccountDay.columns, values: [])) FROM account_day") { row in
                let stored = try AccountDay(row)
                count += 1
                let found = left.removeValue(forKey: DayKey(account: stored.account, day: stored.day))
                if found != stored.hashValue {
                    problem("the row of account \(stored.account) on \(stored.day) is not what its entries give")
                }
            }
            for key in left.keys { problem("account \(key.account) has entries on \(key.day) and no row for the day") }
            days = count
        }

        /// Follows each lane's chain, and adds both sides of each transfer to the company's sums.
        private mutating func takeTransfers(in transaction: any Transaction) throws {
            var ends: [Int: (number: Int64, hash: [UInt8])] = [:]
            var booked: [SumKey: (debit: Cents, credit: Cents)] = [:]
            var count: Int64 = 0
            let problem = problem
            try Ledger.forEachTransfer(in: transaction) { row in
                count += 1
                let before = ends[row.lane] ?? (0, Ledger.genesis)
                if row.number != before.number + 1 || row.computedHash(after: before.hash) != row.hash {
                    problem(
                        "transfer \(row.transfer.id) does not fit its chain, lane \(row.lane), number \(row.number)")
                }
                ends[row.lane] = (row.number, row.hash)
                let amount = row.transfer.amount
                let source = SumKey(name: row.transfer.source, day: row.day)
                let target = SumKey(name: row.transfer.target, day: row.day)
                booked[source, default: (.zero, .zero)].debit = try (booked[source]?.debit ?? .zero).plus(amount)
                booked[target, default: (.zero, .zero)].credit = try (booked[target]?.credit ?? .zero).plus(amount)
            }
            try transaction.forEach("SELECT lane, number, hash FROM transfer_chain WHERE number > 0") { row in
                let lane: Int = try row(0)
                let end = ends.removeValue(forKey: lane) ?? (0, Ledger.genesis)
                let (number, hash): (Int64, [UInt8]) = (try row(1), try row(2))
                if end.number != number || end.hash != hash {
                    problem("the chain of transfers in lane \(lane) ends at \(end.number), not where its row says")
                }
            }
            for lane in ends.keys { problem("lane \(lane) has transfers and no row for their chain") }
            for (key, sum) in booked {
                let before = sums[key] ?? (.zero, .zero, 0)
                sums[key] = (try before.debit.plus(sum.debit), try before.credit.plus(sum.credit), before.operations)
            }
            transfers = count
        }

        private func checkSums(in transaction: any Transaction) throws {
            var stored: [SumKey: (debit: Cents, credit: Cents, operations: Int)] = [:]
            try transaction.forEach("SELECT name, day, debit, credit, operations FROM company_sum") { row in
                let key = SumKey(name: CompanyAccount(try row(0)), day: try row(1))
                let before = stored[key] ?? (.zero, .zero, 0)
                stored[key] = (
                    try before.debit.plus(try row(2)), try before.credit.plus(try row(3)),
                    before.operations + (try row(4))
                )
            }
            for key in Set(stored.keys).union(sums.keys)
            where stored[key].map({ $0 == sums[key] ?? (.zero, .zero, 0) }) != true {
                problem("the sum of \(key.name.name) on \(key.day) is not what the entries give")
            }
            var total = Cents.zero
            for chain in chains.values { total = try total.plus(chain.stored?.balance ?? .zero) }
            for sum in stored.values { total = try total.plus(sum.credit.minus(sum.debit)) }
            if total != .zero { problem("all balances and company sums add up to \(total.plain), not to 0") }
        }
    }
}
