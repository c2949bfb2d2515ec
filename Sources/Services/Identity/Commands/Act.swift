import Contracts
import Directory
import Messaging
import Storage
import Values
import Web

/// Who does something, when, and in which transaction: what every command needs.
package struct Act {
    let transaction: any Transaction
    let environment: Values.Environment
    /// The request that events carry on.
    let trace: String
    /// `nil` for the program itself: set-up, demonstration data.
    let by: ID?
    let now: Instant

    /// Runs inside the body of `Database.write`.
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

    /// Makes others wait who are at the same gate, to the end of the transaction.
    func pass(gate name: String) throws {
        _ = try transaction.fetchLocking("SELECT name FROM identity_gate WHERE name = \(name)")
    }
}
