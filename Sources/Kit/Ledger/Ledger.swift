import Storage
import Values

/// Double entry, of people's accounts against the company's. It knows no service: what a posting is for, and when days
/// end, is the caller's.
///
/// - Every transaction moves one amount between a personal and a company account, so it cannot be out of balance.
/// - Entries are never changed. Each personal account is a chain: an entry names the one before it, carries the balance
///   after, and its hash covers all of it and the hash before.
/// - Company accounts are sums per day and lane, without a row that everybody waits for.
package enum Ledger {
    /// For who asks ``entries(about:limit:in:)``. Unlike one by account it stays cheap: subjects are created in the order
    /// of their ids, so that most of its rows are written at its end. Payouts are about nothing.
    package static let subjectIndex = "CREATE INDEX entry_subject ON entry (subject) WHERE subject IS NOT NULL"

    /// The tables, for a service's first migration. There is no index over entries by account (it would cost several
    /// times all the rest): a day's row names its last entry, and each entry the one before.
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
        // Only where there are entries.
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

    /// What an entry says of its cause, as it was when booked.
    package struct Memo: Hashable, Sendable {
        /// What it is about: a task.
        package var subject: ID?
        package var title: String?
        /// The subject's id elsewhere.
        package var reference: String?
        package var reason: String?
        /// The entry that this one puts right.
        package var corrects: ID?
        /// Who entered it, where a person did.
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
        /// The entry's id. Derived from the event that it follows from, it cannot be booked twice.
        package let id: ID
        package let account: ID
        package let counterpart: CompanyAccount
        /// As the person sees it: below zero is taken from the account.
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

    /// Books many postings on one day: locks their accounts in the order of ids, opens those that are missing, and
    /// writes everything in a few statements. None of the accounts may stand on an earlier day; where a close has to
    /// come first, work with a ``Book``.
    ///
    /// `lane` spreads the company's sums; give the partition that is being worked on.
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
