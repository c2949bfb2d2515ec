import Storage
import Values

extension Ledger {
    /// Locked accounts, and what is being booked on them. Everything is prepared in memory, then written at once.
    package struct Book: Sendable {
        /// The business day of the bookings.
        package let day: Day
        package let at: Instant
        private let lane: Int
        private var places: [ID: Int] = [:]
        private var slots: [Slot] = []
        private var entries: [Entry] = []
        private var days: [AccountDay] = []
        private var sums: [SumKey: Sum] = [:]

        private struct Slot {
            var account: Account
            var changed = false
            /// Whether the account's day has entries that are not in ``days`` yet.
            var hasEntries = false
            /// The amount that its payout moved out.
            var paid = Cents.zero

            /// The day so far; `nil` if it has no entries.
            var today: AccountDay? {
                guard hasEntries, let last = account.head else { return nil }
                return AccountDay(
                    account: account.id, day: account.day, opening: account.opening, credited: account.credited,
                    debited: account.debited, paid: paid, closing: account.balance, operations: account.operations,
                    last: last, lastHash: account.headHash)
            }
        }

        private struct SumKey: Hashable {
            let name: CompanyAccount
            let day: Day
        }

        private struct Sum {
            var debit = Cents.zero
            var credit = Cents.zero
            var operations = 0
        }

        /// One account's close of one day.
        package struct Close: Hashable, Sendable {
            package let account: ID
            package let day: Day
            package let opening: Cents
            /// The balance before the payout.
            package let closing: Cents
            /// Payouts not counted.
            package let operations: Int
            package let payout: Entry?
        }

        /// Locks the accounts in the order of their ids. Missing accounts are created, open on `day`.
        package init(
            accounts ids: some Sequence<ID>, day: Day, at: Instant, lane: Int = 0, in transaction: any Transaction
        ) throws {
            self.day = day
            self.at = at
            self.lane = lane
            let wanted = Set(ids).sorted()
            var found = try Account.lock(wanted, in: transaction)
            if found.count < wanted.count {
                let known = Set(found.map(\.id))
                let missing = wanted.filter { !known.contains($0) }
                try transaction.send(
                    Account.insertion, rows: missing.map { Account(id: $0, day: day, at: at).insertedValues })
                // Read again: another transaction may have created one of them in between.
                found += try Account.lock(missing, in: transaction)
                found.sort { $0.id < $1.id }
            }
            slots = found.map { Slot(account: $0) }
            for (place, account) in found.enumerated() { places[account.id] = place }
        }

        /// An account, including what is booked here so far; `nil` if it is not one of this book's.
        package func account(_ id: ID) -> Account? {
            places[id].map { slots[$0].account }
        }

        /// The ids of the accounts, in order.
        package var accounts: [ID] { slots.map(\.account.id) }

        /// Closes an account's open days before ``day``. A positive balance is booked out with the posting that
        /// `payout` makes, as the last entry of the day being closed. Any other balance is carried over.
        package mutating func closeDays(of id: ID, payout: (Day, Cents) throws -> Posting) throws -> [Close] {
            guard let place = places[id] else { throw LedgerMisuse(reason: "account \(id) is not locked") }
            var closes: [Close] = []
            while slots[place].account.day < day {
                let before = slots[place].account
                var entry: Entry?
                if before.balance > .zero {
                    entry = try enter(try payout(before.day, before.balance), at: place, isPayout: true)
                    guard slots[place].account.balance == .zero else {
                        throw LedgerMisuse(reason: "a payout of account \(id) left a balance")
                    }
                }
                closes.append(
                    Close(
                        account: id, day: before.day, opening: before.opening, closing: before.balance,
                        operations: before.operations, payout: entry))
                turnDay(place)
            }
            return closes
        }

        /// Books a posting on ``day``.
        package mutating func post(_ posting: Posting) throws -> Entry {
            guard let place = places[posting.account] else {
                throw LedgerMisuse(reason: "account \(posting.account) is not locked")
            }
            guard slots[place].account.day == day else {
                throw LedgerMisuse(
                    reason: "account \(posting.account) stands on \(slots[place].account.day), not on \(day)")
            }
            return try enter(posting, at: place, isPayout: false)
        }

        private mutating func turnDay(_ place: Int) {
            if let today = slots[place].today { days.append(today) }
            slots[place].hasEntries = false
            slots[place].paid = .zero
            slots[place].changed = true
            slots[place].account.day = slots[place].account.day.next
            slots[place].account.opening = slots[place].account.balance
            slots[place].account.credited = .zero
            slots[place].account.debited = .zero
            slots[place].account.operations = 0
            slots[place].account.closedHash = slots[place].account.headHash
        }

        private mutating func enter(_ posting: Posting, at place: Int, isPayout: Bool) throws -> Entry {
            let before = slots[place].account
            let entry = Entry(
                posting, previous: before.head, previousHash: before.headHash,
                balance: try before.balance.plus(posting.amount), day: before.day, at: at)
            slots[place].account.balance = entry.balance
            slots[place].account.head = entry.id
            slots[place].account.headHash = entry.hash
            if !isPayout {
                slots[place].account.operations += 1
                if posting.amount < .zero {
                    slots[place].account.debited = try before.debited.minus(posting.amount)
                } else {
                    slots[place].account.credited = try before.credited.plus(posting.amount)
                }
            }
            slots[place].changed = true
            slots[place].hasEntries = true
            if isPayout { slots[place].paid = try posting.amount.negated() }
            try addToCompany(entry)
            entries.append(entry)
            return entry
        }

        private mutating func addToCompany(_ entry: Entry) throws {
            let key = SumKey(name: entry.counterpart, day: entry.day)
            var sum = sums[key, default: Sum()]
            if entry.amount < .zero {
                sum.credit = try sum.credit.minus(entry.amount)
            } else {
                sum.debit = try sum.debit.plus(entry.amount)
            }
            sum.operations += 1
            sums[key] = sum
        }

        /// Writes the bookings. Call it once, at the end.
        package func write(in transaction: any Transaction) throws {
            if !entries.isEmpty {
                // In the order of ids: the table is kept in it.
                let order = entries.indices.sorted { entries[$0].id < entries[$1].id }
                try transaction.send(Entry.insertion, rows: order.map { entries[$0].values })
            }
            let changed = slots.filter(\.changed)
            if !changed.isEmpty {
                try transaction.send(Account.update, rows: changed.map(\.account.updatedValues))
            }
            let rows = days + changed.compactMap(\.today)
            if !rows.isEmpty { try transaction.send(AccountDay.upsert, rows: rows.map(\.values)) }
            if !sums.isEmpty {
                let ordered = sums.sorted { ($0.key.name, $0.key.day) < ($1.key.name, $1.key.day) }
                try transaction.send(
                    CompanySum.upsert,
                    rows: ordered.map { key, sum in
                        [
                            .text(key.name.name), key.day.stored, lane.stored, sum.debit.stored, sum.credit.stored,
                            sum.operations.stored,
                        ]
                    })
            }
        }
    }
}

/// The ledger was asked for something that a caller must never ask for. Nothing is booked.
package struct LedgerMisuse: Error, CustomStringConvertible {
    package let reason: String
    package var description: String { "ledger: \(reason)" }
}
