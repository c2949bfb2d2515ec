import Foundation
import Synchronization

/// A value that takes its time to find out, such as a host's figures, of which the broker may have to be asked. It is
/// found out on a thread aside, once for all who ask meanwhile, and kept for a second.
package final class CachedValue<Value: Sendable>: Sendable {
    private struct State {
        var kept: (value: Value, at: Int64)?
        var waiting: [CheckedContinuation<Value, Never>] = []
    }

    private static var keptMilliseconds: Int64 { 1000 }

    private let uptime: @Sendable () -> Int64
    private let gather: @Sendable () -> Value
    private let state = Mutex(State())

    /// - Parameters:
    ///   - uptime: milliseconds, of a clock that nobody sets.
    ///   - gather: may block; called on one thread at a time.
    package init(uptime: @escaping @Sendable () -> Int64, gather: @escaping @Sendable () -> Value) {
        self.uptime = uptime
        self.gather = gather
    }

    /// The value; where it was kept, found out at most a second ago.
    package func value() async -> Value {
        let now = uptime()
        return await withCheckedContinuation { continuation in
            let (kept, isFirst) = state.withLock { state -> (Value?, Bool) in
                if let kept = state.kept, now - kept.at < CachedValue.keptMilliseconds { return (kept.value, false) }
                state.waiting.append(continuation)
                return (nil, state.waiting.count == 1)
            }
            if let kept { return continuation.resume(returning: kept) }
            if isFirst { Thread.detachNewThread { self.answer() } }
        }
    }

    private func answer() {
        let value = gather()
        let waiting = state.withLock { state in
            state.kept = (value, uptime())
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }
}
