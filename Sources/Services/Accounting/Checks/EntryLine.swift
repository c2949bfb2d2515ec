import Contracts
import Messaging
import Storage
import Values

/// The content of an entry, or of its event, for comparing the two.
struct EntryLine: Hashable, CustomStringConvertible {
    let entry: ID
    let person: ID
    let day: Day
    let kind: String
    /// The amount added to the balance; negative if it was taken.
    let sum: Cents
    /// The balance after the entry.
    let balance: Cents

    var description: String {
        "entry \(entry) (\(kind)) of \(sum.plain) on \(day), account \(person), balance after \(balance.plain)"
    }

    static func booked(in transaction: any Transaction, _ body: (EntryLine) -> Void) throws {
        try transaction.forEach("SELECT id, account, day, kind, amount, balance FROM entry") { row in
            body(
                EntryLine(
                    entry: try row(0), person: try row(1), day: try row(2), kind: try row(3), sum: try row(4),
                    balance: try row(5)))
        }
    }

    static func told(in transaction: any Transaction, _ body: (EntryLine) -> Void) throws {
        try transaction.forEach(
            """
            SELECT \(Envelope.journalColumns) FROM journal WHERE refused = 0
            AND (name = \(EmployeeCharged.name) OR name = \(EmployeeRewarded.name)
                OR name = \(PayoutRequested.name) OR name = \(EntryCorrected.name))
            """
        ) { row in
            body(try EntryLine(try Envelope(journalRow: row, topic: .accounting)))
        }
    }

    private init(entry: ID, person: ID, day: Day, kind: String, sum: Cents, balance: Cents) {
        self.entry = entry
        self.person = person
        self.day = day
        self.kind = kind
        self.sum = sum
        self.balance = balance
    }

    private init(_ event: Envelope) throws {
        let fields = try EventFields(event)
        let sum = Cents(try fields.integer("sum"))
        let kind: String
        var isNegative = false
        switch event.name {
        case EmployeeCharged.name: (kind, isNegative) = (Books.fee, true)
        case EmployeeRewarded.name: kind = Books.reward
        case PayoutRequested.name: (kind, isNegative) = (Books.payout, true)
        default: kind = Books.correction
        }
        self.init(
            entry: event.id, person: try fields.value("person"), day: try fields.value("day"), kind: kind,
            sum: isNegative ? try sum.negated() : sum,
            // A payout is the whole balance.
            balance: event.name == PayoutRequested.name ? .zero : Cents(try fields.integer("balance")))
    }
}
