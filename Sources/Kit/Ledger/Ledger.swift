import Storage
import Values

/// Double-entry bookkeeping, people's accounts against the company's. It knows no service: the caller decides what a
/// posting is for, and when days end.
///
/// - Every transaction moves one amount between a personal and a company account, so it cannot be out of balance.
/// - Entries are never changed. Each personal account is a chain: an entry names its predecessor and carries the
///   balance after it. Its hash covers all of that and the predecessor's hash.
/// - Company accounts are sums per day and lane, so there is no single row that all writers wait for.
package enum Ledger {
    /// For services that call ``entries(about:limit:in:)``. Unlike an index by account, it stays cheap: subjects are
    /// created in the order of their ids, so most of its rows are written at its end. Payouts have no subject.
    package static let subjectIndex = "CREATE INDEX entry_subject ON entry (subject) WHERE subject IS NOT NULL"

    /// The tables, for a service's first migration. There is no index over entries by account, because it would cost
    /// several times as much as all the rest. Instead, a day's row names its last entry, and each entry names the one
    /// before.
    package static let schema = [
        """
        CREATE TABLE account (
            id BLOB PRIMARY KEY,
            balance INTEGER NOT NULL,
            head BLOB,
            head_hash BLOB NOT NULL,
            day INTEGER NOT NULL,
            opening INTEGER NOT NULL,
            credited INTEGER NOT NULL,
            debited INTEGER NOT NULL,
            operations INTEGER NOT NULL,
            closed_hash BLOB NOT NULL,
            opened_day INTEGER NOT NULL,
            opened_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE entry (
            id BLOB PRIMARY KEY,
            account BLOB NOT NULL,
            counterpart TEXT NOT NULL,
            amount INTEGER NOT NULL,
            previous BLOB,
            balance INTEGER NOT NULL,
            day INTEGER NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            subject BLOB,
            title TEXT,
            reference TEXT,
            reason TEXT,
            corrects BLOB,
            author BLOB,
            hash BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        // Only for days with entries.
        """
        CREATE TABLE account_day (
            account BLOB NOT NULL,
            day INTEGER NOT NULL,
            opening INTEGER NOT NULL,
            credited INTEGER NOT NULL,
            debited INTEGER NOT NULL,
            paid INTEGER NOT NULL,
            closing INTEGER NOT NULL,
            operations INTEGER NOT NULL,
            last BLOB NOT NULL,
            last_hash BLOB NOT NULL,
            PRIMARY KEY (account, day)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE company_sum (
            name TEXT NOT NULL,
            day INTEGER NOT NULL,
            lane INTEGER NOT NULL,
            debit INTEGER NOT NULL,
            credit INTEGER NOT NULL,
            operations INTEGER NOT NULL,
            PRIMARY KEY (name, day, lane)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    /// The hash before an account's first entry.
    package static let genesis = [UInt8](repeating: 0, count: 32)

    /// A company account, by name: `fees`, `rewards`, `payouts-clearing`.
    package struct CompanyAccount: Hashable, Sendable, Comparable {
        package let name: String

        package init(_ name: String) {
            self.name = name
        }

        package static func < (left: CompanyAccount, right: CompanyAccount) -> Bool {
            left.name < right.name
        }
    }

    /// What an entry says about its cause. It keeps the values at the time of booking.
    package struct Memo: Hashable, Sendable {
        /// The subject, such as a task.
        package var subject: ID?
        package var title: String?
        /// The subject's id in another system.
        package var reference: String?
        package var reason: String?
        /// The entry that this one corrects.
        package var corrects: ID?
        /// The person who entered it, if a person did.
        package var author: ID?

        package init(
            subject: ID? = nil, title: String? = nil, reference: String? = nil, reason: String? = nil,
            corrects: ID? = nil, author: ID? = nil
        ) {
            self.subject = subject
            self.title = title
            self.reference = reference
            self.reason = reason
            self.corrects = corrects
            self.author = author
        }
    }

    /// An amount to be moved between a personal account and a company account.
    package struct Posting: Sendable {
        /// The entry's id. If it is derived from the event that causes the posting, the posting cannot be booked twice.
        package let id: ID
        package let account: ID
        package let counterpart: CompanyAccount
        /// From the person's point of view: a negative amount is taken from the account.
        package let amount: Cents
        package let kind: String
        package let memo: Memo

        package init(
            id: ID, account: ID, counterpart: CompanyAccount, amount: Cents, kind: String, memo: Memo = Memo()
        ) {
            self.id = id
            self.account = account
            self.counterpart = counterpart
            self.amount = amount
            self.kind = kind
            self.memo = memo
        }
    }

    /// Books many postings on one day: locks their accounts in the order of ids, opens the missing ones, and writes
    /// everything in a few statements. No account may have an earlier day open. If a close must come first, use a
    /// ``Book``.
    ///
    /// `lane` spreads the company's sums over several rows. Pass the partition that is being processed.
    /// - Returns: the entries, in the order of the postings.
    @discardableResult
    package static func post(
        _ postings: [Posting], day: Day, at: Instant, lane: Int = 0, in transaction: any Transaction
    ) throws -> [Entry] {
        var book = try Book(accounts: postings.map(\.account), day: day, at: at, lane: lane, in: transaction)
        let entries = try postings.map { try book.post($0) }
        try book.write(in: transaction)
        return entries
    }
}
