import Contracts
import Ledger
import Messaging
import Storage
import Values

/// The entries of one transaction on the open day, and the events about them.
///
/// Events are written last, so one person's events are in the order in which things happened.
struct Booking {
    let day: Day
    let at: Instant
    private(set) var book: Ledger.Book
    private var drafts: [Journal.Draft] = []

    private init(on accounts: some Sequence<ID>, at: Instant, lane: Int, in transaction: any Transaction) throws {
        self.at = at
        day = try OpenDay.shared(in: transaction)
        book = try Ledger.Book(accounts: accounts, day: day, at: at, lane: lane, in: transaction)
    }

    /// Begins to book on accounts: reads the open day under its shared lock, locks the accounts in order, and closes
    /// their earlier days. So a payout can be requested by any first booking of a new day, as well as by the close
    /// (X26).
    static func begin(
        on accounts: some Sequence<ID>, at: Instant, lane: Int, in transaction: any Transaction
    ) throws -> Booking {
        var booking = try Booking(on: accounts, at: at, lane: lane, in: transaction)
        for account in booking.book.accounts { try booking.closeDays(of: account) }
        return booking
    }

    /// Closes the accounts' days before the open one and publishes that; books nothing else. Accounts that are missing
    /// are created, open on the open day (X20, X26).
    static func closeEarlierDays(
        of accounts: some Sequence<ID>, at: Instant, lane: Int, to journal: Journal, in transaction: any Transaction
    ) throws {
        try begin(on: accounts, at: at, lane: lane, in: transaction).write(to: journal, in: transaction)
    }

    mutating func post(_ posting: Ledger.Posting) throws -> Ledger.Entry {
        try book.post(posting)
    }

    /// Publishes an event with the entries.
    mutating func publish(_ event: some Event, id: ID, trace: String) {
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
                publish(
                    PayoutRequested(payout: payout.id, person: account, day: close.day, sum: paid, time: at),
                    id: payout.id, trace: CloseID.trace(close.day))
            }
            publish(
                DayClosed(
                    person: account, day: close.day, opening: close.opening, closing: close.closing, paid: paid,
                    operations: close.operations, time: at),
                id: CloseID.closed(account, on: close.day), trace: CloseID.trace(close.day))
        }
    }
}
