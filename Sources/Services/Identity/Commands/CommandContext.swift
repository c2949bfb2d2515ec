import Contracts
import Directory
import Messaging
import Storage
import Values
import Web

/// What every command needs: who acts, when, and in which transaction.
package struct CommandContext {
    let transaction: any Transaction
    let environment: Values.Environment
    /// The trace of the request; events carry it.
    let trace: String
    /// `nil` if the program itself acts: set-up, demonstration data.
    let by: ID?
    let now: Instant

    /// Made inside the body of `Database.write`.
    package init(_ transaction: any Transaction, environment: Values.Environment, trace: String, by: ID?) {
        self.transaction = transaction
        self.environment = environment
        self.trace = trace
        self.by = by
        now = environment.now()
    }

    init(_ call: Call, _ transaction: any Transaction) {
        self.init(transaction, environment: call.environment, trace: call.trace, by: call.caller?.id)
    }

    func note(_ what: HistoryEntry.What, _ detail: String = "", of person: ID) throws {
        try transaction.send(
            """
            INSERT INTO identity_history (id, person, at, by_person, what, detail)
            VALUES (\(environment.newID()), \(person), \(now), \(by.stored), \(what.rawValue), \(detail))
            """)
    }

    /// Holds a gate until the transaction ends; others at the same gate wait.
    func pass(gate name: String) throws {
        _ = try transaction.fetchLocking("SELECT name FROM identity_gate WHERE name = \(name)")
    }
}
