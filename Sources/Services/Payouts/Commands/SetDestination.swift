import Storage
import Values
import Web

/// Sets where a person's money goes (X28). What waited for it goes out; what is sent already stays where it was sent.
struct SetDestination: Sendable {
    let vault: Vault

    @discardableResult
    func callAsFunction(
        _ typed: String, of person: ID, _ environment: Values.Environment, in transaction: any Transaction
    ) throws -> Payee {
        guard let destination = Destination(typed: typed) else {
            throw Problem.invalid("number", "payouts.number")
        }
        let now = environment.now()
        _ = try Payee.locked([person], in: transaction)
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
}
