import Directory
import Messaging
import Schemas
import Storage
import Values
import Web

/// The kit's own tables. They are the same in every service, whether it uses all of them or not, and are brought up to
/// date before the service's own tables. A new column of every journal is one step here.
package enum KitSchema {
    /// Step 1 creates only what does not exist: up to version 0.3.0, each service's first step made these tables.
    ///
    /// - Parameters:
    ///   - journal: the service's journal. Step 2 gives codes to its existing events.
    ///   - audited: the names of the service's events that tell of changes by hand. Step 4 makes an index for them. A
    ///     service that audits one more event makes the index anew, in a step of its own.
    ///   - expectSecret: refuses a secret that is not the installation's, if the service can tell.
    package static func migrations(
        _ journal: Journal, audited: [String] = [],
        expectSecret: @escaping @Sendable (any Transaction) throws -> Void = { _ in }
    ) -> [Migration] {
        [
            Migration(
                1, "journal, checkpoints, parked events, people, stored requests",
                Journal.schema + Subscription.schema + Directory.schema + Idempotency.schema),
            Migration(
                2, "codes of events", Journal.codeSchema + Parked.codeSchema + [Journal.codeKeySchema],
                then: { transaction in
                    // Codes made with a wrong secret would be useless.
                    try expectSecret(transaction)
                    try journal.giveCodes(in: transaction)
                    try Parked.giveCodes(journal.codes, in: transaction)
                }),
            Migration(3, "people by folded names", Directory.nameSchema, then: Directory.foldNames),
            Migration(4, "events of changes by hand", Journal.auditSchema(audited)),
            Migration(
                5, "settings of the last start, more events of changes by hand",
                [LastSettings.schema, "DROP INDEX IF EXISTS journal_audited"] + Journal.auditSchema(audited)),
        ]
    }
}

extension Service {
    /// Every step of the service's database, the kit's and its own, in order.
    package var steps: [Migration] { kitSteps + migrations }
    fileprivate var kitSteps: [Migration] {
        KitSchema.migrations(journal, audited: audited.names, expectSecret: expectSecret)
    }
}

extension Database {
    /// Brings the database of a service up to date.
    ///
    /// - Throws: ``StorageError/newer(_:)`` if the data has steps that this program does not know.
    package func migrate(for service: any Service, now: Instant) throws {
        try migrate(service.migrations, kit: service.kitSteps, now: now)
        guard try read({ try Directory.hasUnfolded(in: $0) }) else { return }
        try write { try Directory.foldNames(in: $0) }
    }
}
