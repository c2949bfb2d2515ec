import Foundation
import Synchronization
import Values

extension Environment {
    /// The real world: the system's clocks and its random number generator.
    package static func live() -> Environment {
        let ids = IDSource()
        let now: @Sendable () -> Instant = {
            Instant(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
        }
        let random: @Sendable () -> UInt64 = {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        }
        return Environment(
            now: now,
            uptime: { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) },
            random: random,
            newID: { ids.next(now: now(), random: random) })
    }
}

/// Makes UUIDv7s that grow within the process: ids of one millisecond count up in the 12 bits after the time (RFC 9562,
/// 6.2, method 1). When those are used up, or the clock went back, the time is moved forward instead.
package final class IDSource: Sendable {
    private let last = Mutex<(milliseconds: Int64, count: UInt64)>((0, 0))

    package init() {}

    package func next(now: Instant, random: () -> UInt64) -> ID {
        let (milliseconds, count) = last.withLock { last in
            if now.milliseconds > last.milliseconds {
                last = (now.milliseconds, 0)
            } else if last.count < 0xFFF {
                last.count += 1
            } else {
                last = (last.milliseconds + 1, 0)
            }
            return last
        }
        return ID(milliseconds: milliseconds, random: (count, random()))
    }
}
