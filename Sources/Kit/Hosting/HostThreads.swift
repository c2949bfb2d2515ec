import Foundation
import Storage
import Synchronization

/// Threads that belong together, such as those of one host: begun by name, told to end, and waited for.
package final class HostThreads: Sendable {
    private let name: String
    /// Moves when a thread ends; ended for good when all are told to.
    private let ended = Signal()
    private let ending = Signal()
    private let state = Mutex<(running: Int, isEnding: Bool)>((0, false))

    package init(name: String) {
        self.name = name
    }

    package var isEnding: Bool { state.withLock { $0.isEnding } }

    package func begin(_ part: String, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.running += 1 }
        let title = "\(name) \(part)"
        let thread = Thread { [self] in
            Thread.nameCurrent(title)
            body()
            state.withLock { $0.running -= 1 }
            ended.note()
        }
        thread.start()
    }

    /// Waits a while, or until the threads are told to end.
    package func rest(_ seconds: Double) {
        ending.wait(past: 0, atMost: seconds)
    }

    /// Tells all to end and returns when they have; `wake` is called until then, for those that wait for something else.
    package func end(wake: () -> Void = {}) {
        state.withLock { $0.isEnding = true }
        ending.end()
        while true {
            let seen = ended.count
            guard state.withLock({ $0.running }) > 0 else { return }
            wake()
            ended.wait(past: seen, atMost: 0.05)
        }
    }
}
