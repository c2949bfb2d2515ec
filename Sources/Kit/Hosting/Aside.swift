import Foundation

/// Runs what blocks, such as a call to a database or a broker, on a thread of its own while a task waits for it. Swift's
/// own threads are as few as there are cores: if they wait, nothing is answered.
package enum Aside {
    /// - Throws: what `body` throws.
    package static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
