import Storage
import Values
import Web

/// A person who gets money: their destination, or none yet. The row exists from the first payout or destination on.
/// Code that relies on the destination, or on there being none, locks this row before any of the person's payouts.
struct Payee: Hashable, Sendable {
    let person: ID
    let kind: Destination.Kind?
    let sealed: [UInt8]?
    let tail: String?
    let changedAt: Instant?

    private static let columns = SQL("person, kind, sealed, tail, changed_at")

    init(_ row: Row) throws {
        person = try row(0)
        kind = try row(1, as: String?.self).flatMap(Destination.Kind.init)
        sealed = try row(2)
        tail = try row(3)
        changedAt = try row(4)
    }

    /// A person without a row: they have no destination yet.
    init(unknown person: ID) {
        self.person = person
        (kind, sealed, tail, changedAt) = (nil, nil, nil, nil)
    }

    /// Tells one destination of a person from a later one. A confirmation shows where the money goes and sends this
    /// along, so that it is not carried out if the money would go elsewhere by then.
    var destinationStamp: String { sealed == nil ? "none" : String(changedAt?.milliseconds ?? 0) }

    /// - Parameter seen: the ``destinationStamp`` that somebody was shown; `nil` if they were shown none.
    /// - Throws: a 409 problem if the destination has changed since.
    func holds(to seen: String?) throws {
        guard seen == nil || seen == destinationStamp else { throw Problem.conflict("payouts.destination-changed") }
    }

    /// Locks these people's rows, in order, and adds missing rows.
    static func locked(_ people: some Sequence<ID>, in transaction: any Transaction) throws -> [ID: Payee] {
        let ids = Set(people).sorted()
        try transaction.send(
            "INSERT INTO payee (person) VALUES (?) ON CONFLICT (person) DO NOTHING", rows: ids.map { [$0.stored] })
        let rows = try transaction.fetchLocking(in: ids) {
            "SELECT \(columns) FROM payee WHERE person IN (\(list: $0)) ORDER BY person"
        }
        var found: [ID: Payee] = [:]
        for row in rows {
            let payee = try Payee(row)
            found[payee.person] = payee
        }
        return found
    }

    /// Read for display, without a lock.
    static func shown(_ person: ID, in transaction: any Transaction) throws -> Payee? {
        try transaction.fetchOne("SELECT \(columns) FROM payee WHERE person = \(person)").map(Payee.init)
    }
}
