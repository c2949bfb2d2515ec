import NIOCore
import Web

/// How long whoever sends a body may keep the server waiting for it (X62): twenty seconds to begin with, and a second
/// more for each 16 KiB that came, but never more than twenty ahead. So a sender at 16 KiB a second may take its time,
/// and one that stops is given up twenty seconds later, however much it sent before. Only the waiting counts: what is
/// not asked for, because the server itself is slow, costs its sender nothing.
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
    /// - Throws: a 408 problem where the sender is too slow.
    package mutating func came(_ bytes: Int, after time: Duration) throws {
        // What was too slow is not made good by how much it was.
        guard left >= time / .seconds(1) else { throw Problem(408, "web.too-slow") }
        waited(time / .seconds(1), for: bytes)
    }
}
