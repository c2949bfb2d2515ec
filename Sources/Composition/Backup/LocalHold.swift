import Foundation
import Storage
import Synchronization

/// The running server's part of `popug backup`: holds its writers still while the verb, in a process of its own, opens
/// its snapshots of the files. So nobody writes but who asked for the backup, with their own rights, into a file of
/// their own; and the server does no work for it. Reached through the socket that only the folder's owner can open.
final class LocalHold: Sendable {
    static let hold = "/local/hold"
    static let release = "/local/release"

    private let databases: [any Database]
    private let current = Mutex<WriterHold?>(nil)

    init(_ databases: [any Database]) {
        self.databases = databases
    }

    var paths: [String: @Sendable () async throws -> [UInt8]] {
        [LocalHold.hold: { try await self.begin() }, LocalHold.release: { try self.end() }]
    }

    private func begin() async throws -> [UInt8] {
        let hold = WriterHold(databases)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // It waits for the writers, which is not for a task's thread to do.
            Thread.detachNewThread { continuation.resume(with: Result { try hold.begin() }) }
        }
        current.withLock { $0 = hold }
        return Array("{}".utf8)
    }

    private func end() throws -> [UInt8] {
        let hold = current.withLock { current in
            defer { current = nil }
            return current
        }
        guard let hold else { throw StorageError.unavailable("nobody holds the writers") }
        let held = try hold.end()
        return Array("{\"held_microseconds\":\(Int64(held.seconds * 1e6))}".utf8)
    }
}
