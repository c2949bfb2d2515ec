import Synchronization
import Values

/// A circuit breaker: decides whether a process may be asked. A refused connection opens the circuit at once, several
/// other failures in a row also do. While it is open, no request waits for the process. After a pause, which grows, the
/// gateway itself probes the process (``isDue()``). If the probe is answered, one request at a time is let through
/// (half open), and the first that succeeds closes the circuit.
package final class Circuit: Sendable {
    package enum Failure: Sendable {
        /// Nobody listens there.
        case refused
        /// No answer, no whole answer, or none in time.
        case failed
    }

    private enum State {
        case closed(failures: Int)
        case open(due: Int64, pause: Int64)
        case halfOpen(isBusy: Bool, pause: Int64)
    }

    /// Failures in a row that open it.
    static let most = 5

    private let state = Mutex(State.closed(failures: 0))
    private let uptime: @Sendable () -> Int64
    private let firstPause: Int64

    /// - Parameter pause: milliseconds until the first probe; later pauses are up to sixteen times as long.
    package init(pause: Int64, uptime: @escaping @Sendable () -> Int64) {
        firstPause = pause
        self.uptime = uptime
    }

    /// Whether a request may go there now. If so, the request must end with ``succeeded()``, ``failed(_:)`` or
    /// ``left()``.
    package func admits() -> Bool {
        state.withLock { state in
            switch state {
            case .closed: return true
            case .open, .halfOpen(isBusy: true, _): return false
            case .halfOpen(isBusy: false, let pause):
                state = .halfOpen(isBusy: true, pause: pause)
                return true
            }
        }
    }

    package func succeeded() {
        state.withLock { state in
            // A request that was on its way when the circuit opened says nothing about the process now.
            if case .open = state { return }
            state = .closed(failures: 0)
        }
    }

    package func failed(_ failure: Failure) {
        let now = uptime()
        state.withLock { state in
            switch state {
            case .closed(let failures):
                let isOver = failures + 1 >= Circuit.most
                if case .refused = failure {
                    state = .open(due: now + firstPause, pause: firstPause)
                } else {
                    state = isOver ? .open(due: now + firstPause, pause: firstPause) : .closed(failures: failures + 1)
                }
            case .halfOpen(_, let pause):
                let longer = min(pause * 2, firstPause * 16)
                state = .open(due: now + longer, pause: longer)
            case .open: break
            }
        }
    }

    /// The request ended for a reason of its own: its caller went away.
    package func left() {
        state.withLock { state in
            if case .halfOpen(true, let pause) = state { state = .halfOpen(isBusy: false, pause: pause) }
        }
    }

    /// Whether it is time for a probe.
    package func isDue() -> Bool {
        let now = uptime()
        return state.withLock { if case .open(let due, _) = $0 { now >= due } else { false } }
    }

    /// Takes the result of the probe.
    package func knocked(_ isThere: Bool) {
        let now = uptime()
        state.withLock { state in
            guard case .open(_, let pause) = state else { return }
            let longer = min(pause * 2, firstPause * 16)
            state = isThere ? .halfOpen(isBusy: false, pause: pause) : .open(due: now + longer, pause: longer)
        }
    }

    /// `closed`, `half-open` or `open`, for figures.
    package var name: String {
        state.withLock { state in
            switch state {
            case .closed: "closed"
            case .halfOpen: "half-open"
            case .open: "open"
            }
        }
    }

    package var isOpen: Bool { name == "open" }
}
