import Contracts
import Messaging
import Storage
import Values
import Web

/// Sets where a person's money goes (X28). The person is told by letter, and the change is kept in the history. Payouts
/// that waited for a destination go out; payouts already sent are not redirected.
struct SetDestination: Sendable {
    let vault: Vault
    let journal: Journal

    @discardableResult
    func callAsFunction(
        _ typed: String, of person: ID, trace: String, _ environment: Values.Environment,
        in transaction: any Transaction
    ) throws -> Payee {
        guard let destination = Destination(typed: typed) else {
            throw Problem.invalid("number", "payouts.number")
        }
        let now = environment.now()
        let before = try Payee.locked([person], in: transaction)[person]
        if let before, before.sealed.flatMap({ vault.open($0, of: person) }) == destination { return before }
        try tell(destination, of: person, before: before?.tail, trace: trace, environment.newID(), now, transaction)
        let sealed = try vault.seal(destination, of: person, environment)
        try transaction.send(
            """
            UPDATE payee SET kind = \(destination.kind.rawValue), sealed = \(sealed), tail = \(destination.tail),
            changed_at = \(now) WHERE person = \(person)
            """)
        try transaction.send(
            """
            UPDATE payout SET due_at = \(now) WHERE person = \(person) AND state = 'pending' AND due_at IS NULL
            AND limited = 0
            """)
        guard let payee = try Payee.shown(person, in: transaction) else {
            throw StorageError.failed("the destination of \(person) was not kept")
        }
        return payee
    }

    private func tell(
        _ destination: Destination, of person: ID, before: String?, trace: String, _ id: ID, _ now: Instant,
        _ transaction: any Transaction
    ) throws {
        try transaction.send(
            """
            INSERT INTO destination (id, person, kind, tail, at)
            VALUES (\(id), \(person), \(destination.kind.rawValue), \(destination.tail), \(now))
            """)
        try journal.append(
            DestinationChanged(
                person: person, kind: destination.kind.rawValue, tail: destination.tail, before: before,
                fingerprint: vault.fingerprint(of: destination, of: person), time: now),
            id: id, at: now, trace: trace, in: transaction)
    }
}
