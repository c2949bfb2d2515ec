import Contracts
import Ledger
import Messaging
import Storage
import Values

/// The entries of one transaction on the open day, and the events about them.
///
/// Reads the open day under its shared lock, then locks the accounts in order. An account's first booking on a new day
/// closes its earlier open day (X26). Events are written last, so one person's events are in the order in which things
/// happened.
struct Booking {
    let day: Day
    let at: Instant
    private(set) var book: Ledger.Book
    private var drafts: [Journal.Draft] = []

    init(
        accounts: some Sequence<ID>, at: Instant, lane: Int, in transaction: any Transaction
    ) throws {
        self.at = at
        day = try OpenDay.shared(in: transaction)
        book = try Ledger.Book(accounts: accounts, day: day, at: at, lane: lane, in: transaction)
        for account in book.accounts { try closeDays(of: account) }
    }

    mutating func post(_ posting: Ledger.Posting) throws -> Ledger.Entry {
        try book.post(posting)
    }

    mutating func tell(_ event: some Event, id: ID, trace: String) {
        drafts.append(Journal.Draft(event, id: id, trace: trace))
    }

    /// Writes the entries, then the events.
    func write(to journal: Journal, in transaction: any Transaction) throws {
        try book.write(in: transaction)
        try journal.append(drafts, at: at, in: transaction)
    }

    private mutating func closeDays(of account: ID) throws {
        let closes = try book.closeDays(of: account) { day, balance in
            Ledger.Posting(
                id: CloseID.payout(of: account, on: day), account: account, counterpart: Books.clearing,
                amount: try balance.negated(), kind: Books.payout)
        }
        for close in closes {
            let paid = close.payout == nil ? Cents.zero : close.closing
            if let payout = close.payout {
                tell(
                    PayoutRequested(payout: payout.id, person: account, day: close.day, sum: paid, time: at),
                    id: payout.id, trace: CloseID.trace(close.day))
            }
            tell(
                DayClosed(
                    person: account, day: close.day, opening: close.opening, closing: close.closing, paid: paid,
                    operations: close.operations, time: at),
                id: CloseID.closed(account, on: close.day), trace: CloseID.trace(close.day))
        }
    }
}
