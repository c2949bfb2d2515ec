import NIOCore
import Web

/// How long the sender of a body may keep the server waiting for it (X62): twenty seconds at first, plus one second for
/// each 16 KiB received, but never more than twenty seconds in reserve. So a sender at 16 KiB a second may take as long
/// as it needs, and one that stops is given up after twenty seconds, however much it sent before. Only the waiting
/// counts: while the server itself is slow and does not ask for more, the sender loses nothing.
package struct SenderPace: Sendable {
    static let bytesPerSecond = 16_384.0

    private let most: Double
    private var left: Double

    package init(_ options: HTTPServer.Options) {
        self.init(seconds: options.bodySeconds)
    }

    init(seconds: Double) {
        most = seconds
        left = seconds
    }

    /// Seconds that the server will wait for the next byte.
    var seconds: Double { left }

    mutating func waited(_ time: Double, for bytes: Int) {
        left = min(most, left - time + Double(bytes) / SenderPace.bytesPerSecond)
    }

    /// Notes that `bytes` came after a wait.
    /// - Throws: a 408 problem if the sender is too slow.
    package mutating func came(_ bytes: Int, after time: Duration) throws {
        // A large piece does not make up for being too slow.
        guard left >= time / .seconds(1) else { throw Problem(408, "web.too-slow") }
        waited(time / .seconds(1), for: bytes)
    }
}
