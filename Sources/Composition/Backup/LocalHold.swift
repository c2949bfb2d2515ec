import Foundation
import Hosting
import Storage
import Synchronization

/// The running server's part of `popug backup`: stops its writers while the verb, in a process of its own, opens its
/// snapshots of the files. So only the user who asked for the backup writes, with their own rights, into their own
/// file, and the server does no work for it. Reached through the socket, which only the folder's owner can open.
final class LocalHold: Sendable {
    static let hold = "/local/hold"
    static let release = "/local/release"

    private let databases: [any Database]
    private let random: @Sendable (Int) -> [UInt8]
    /// The current hold, and the token that releases it: another backup's token must not.
    private let current = Mutex<(hold: WriterHold, token: String)?>(nil)

    init(_ databases: [any Database], random: @escaping @Sendable (Int) -> [UInt8]) {
        self.databases = databases
        self.random = random
    }

    /// ``hold`` answers with a token; ``release`` requires it as its query.
    var paths: [String: @Sendable (_ query: String) async throws -> [UInt8]] {
        [LocalHold.hold: { _ in try await self.begin() }, LocalHold.release: { try self.end($0) }]
    }

    private func begin() async throws -> [UInt8] {
        let hold = WriterHold(databases)
        try await Aside.run { try hold.begin() }
        let token = random(16).map { String($0, radix: 16) }.joined(separator: "-")
        current.withLock { $0 = (hold, token) }
        return Array("{\"token\":\"\(token)\"}".utf8)
    }

    private func end(_ token: String) throws -> [UInt8] {
        let hold = current.withLock { current -> WriterHold? in
            guard let held = current, held.token == token else { return nil }
            current = nil
            return held.hold
        }
        guard let hold else {
            throw StorageError.unavailable("the services' writers are not held for this one any more; try again")
        }
        let held = try hold.end()
        return Array("{\"held_microseconds\":\(Int64(held.seconds * 1e6))}".utf8)
    }
}
