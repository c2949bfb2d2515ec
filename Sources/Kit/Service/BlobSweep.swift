import Storage
import Synchronization
import Values

/// The job that deletes a service's blobs which no row names, and which nobody has put or renewed for a day.
///
///     BlobSweep(blobs) { hashes, transaction in
///         let rows = try transaction.fetch(in: hashes) { "SELECT hash FROM photo WHERE hash IN (\(list: $0))" }
///         return Set(try rows.map { try $0(0) })
///     }.job
///
/// Several processes may sweep the same blobs.
package final class BlobSweep: Sendable {
    /// Returns those of these hashes that any row of the service names.
    package typealias Named = @Sendable (_ hashes: [BlobHash], _ transaction: any Transaction) throws -> Set<BlobHash>

    /// How many blobs one step looks at.
    package static let pageLength = 200

    private let blobs: any Blobs
    private let named: Named
    /// After which blob the next step begins.
    private let place = Mutex<BlobHash?>(nil)

    package init(_ blobs: any Blobs, named: @escaping Named) {
        self.blobs = blobs
        self.named = named
    }

    package var job: Job {
        Job("sweep blobs", wakes: .every(3600)) { database, environment in try self.step(database, environment) }
    }

    /// Sweeps the next page. Nothing is deleted by a clock that may be wrong.
    package func step(_ database: any Database, _ environment: Environment) throws -> Job.Progress {
        guard environment.mayLapse else { return .idle }
        let dayAgo = environment.now().adding(seconds: -86_400)
        let start = place.withLock { $0 }
        if start == nil { try blobs.discardUnfinished(begunBefore: dayAgo) }
        let named = named
        let next = try blobs.sweep(after: start, limit: BlobSweep.pageLength, putBefore: dayAgo) { hashes in
            // As a write, which changes nothing: reads may go to a replica, and that may be days behind.
            try database.write { transaction in try named(hashes, transaction) }
        }
        place.withLock { $0 = next }
        return next == nil ? .idle : .more
    }
}
