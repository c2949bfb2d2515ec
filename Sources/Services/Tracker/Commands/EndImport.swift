import Storage
import Values
import Web

/// Ends an import (X19): because it is done, because an admin stops it, or because it cannot go on. Tasks that it has
/// created stay; the file itself is deleted.
struct EndImport {
    let state: ImportRun.State
    var by: ID?
    var trouble: String?

    /// An admin stops an import that is not done. Importing the same file again continues where this one stopped.
    /// - Throws: a 409 problem if it has ended already.
    static func stop(_ id: ID, by person: ID, _ environment: Environment, in transaction: any Transaction) throws {
        guard let run = try ImportRuns.one(id, in: transaction) else { throw Problem.notFound }
        guard try EndImport(state: .stopped, by: person)(run, environment, in: transaction) else {
            throw Problem.conflict("import.over")
        }
    }

    /// `false` if it has ended already. The job's own compare-and-set notices the changed state.
    func callAsFunction(
        _ run: ImportRun, _ environment: Environment, in transaction: any Transaction
    ) throws -> Bool {
        let changed = try transaction.change(
            """
            UPDATE import_run SET state = \(state), ended_at = \(environment.now()), ended_by = \(by.stored),
            trouble = \(trouble.stored) WHERE position = \(run.position) AND state IN (0, 1)
            """)
        guard changed == 1 else { return false }
        try transaction.send("DELETE FROM import_chunk WHERE import = \(run.position)")
        try transaction.send("DELETE FROM import_repeat WHERE import = \(run.position)")
        return true
    }
}
