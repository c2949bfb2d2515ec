import Directory
import Messaging
import Storage
import Values
import Web

/// The kit's own tables: the same in every service, whether it uses all of them or not, and brought up to date before
/// the service's own. A new column of every journal is one step here.
package enum KitSchema {
    /// Step 1 makes only what is not there: up to version 0.3.0 each service's first step made these tables.
    ///
    /// - Parameters:
    ///   - journal: the service's: step 2 gives the events that it holds their codes.
    ///   - expectSecret: refuses a secret that is not the installation's, where the service can tell.
    package static func migrations(
        _ journal: Journal, expectSecret: @escaping @Sendable (any Transaction) throws -> Void = { _ in }
    ) -> [Migration] {
        [
            Migration(
                1, "journal, checkpoints, parked events, people, stored requests",
                Journal.schema + Subscription.schema + Directory.schema + Idempotency.schema),
            Migration(
                2, "codes of events", Journal.codeSchema + Parked.codeSchema + [Journal.codeKeySchema],
                then: { transaction in
                    // By a wrong secret they would be given for nothing.
                    try expectSecret(transaction)
                    try journal.giveCodes(in: transaction)
                    try Parked.giveCodes(journal.codes, in: transaction)
                }),
            Migration(3, "people by folded names", Directory.nameSchema, then: Directory.foldNames),
        ]
    }
}

extension Service {
    /// Every step of its database, the kit's and its own, in order.
    package var steps: [Migration] { kitSteps + migrations }
    fileprivate var kitSteps: [Migration] { KitSchema.migrations(journal, expectSecret: expectSecret) }
}

extension Database {
    /// Brings the database of a service up to date.
    ///
    /// - Throws: ``StorageError/newer(_:)`` where the data has steps that this program does not know.
    package func migrate(for service: any Service, now: Instant) throws {
        try migrate(service.migrations, kit: service.kitSteps, now: now)
    }
}
