import SQLiteDriver
import Synchronization

/// Lets a test decide how a database fails.
package final class FaultSwitch: Sendable {
    private let hook = Mutex<FaultHook?>(nil)

    package init() {}

    package func set(_ hook: FaultHook?) { self.hook.withLock { $0 = hook } }
    package func call(_ point: FaultPoint) throws { try hook.withLock { $0 }?(point) }
}
