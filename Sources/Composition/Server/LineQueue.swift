import Foundation
import Synchronization

/// What a process prints on one of its descriptors in passing: its log, its complaints, its progress. The printing code
/// never waits for the reader, and no error with a line ends the program: a line that cannot be written, or for which
/// there is no room because the reader is slow, is dropped and counted.
package final class LineQueue: Sendable {
    package static let errors = LineQueue(STDERR_FILENO, notice: JSONLog.lost)
    /// For servers. A verb's results are written at once instead, and a failure to do so is the verb's failure
    /// (``Terminal/say(_:)``).
    package static let output = LineQueue(STDOUT_FILENO, notice: { _ in nil })

    /// How many bytes may wait: about a thousand lines.
    private static let room = 1 << 18

    private struct State {
        var waiting = 0
        /// How many lines were dropped since the reader was last told.
        var untold = 0
        var counted: @Sendable (Int) -> Void = { _ in }
        /// Whether the last line broke off in the middle.
        var isBroken = false
        /// Nobody has read for as long as a flush waits. No flush waits again before somebody reads.
        var isStuck = false
    }

    private let descriptor: Int32
    private let notice: @Sendable (_ lost: Int) -> String?
    private let state = Mutex(State())
    /// Writes one line after another, and may wait for the reader without limit.
    private let writer = DispatchQueue(label: "lines")

    /// - Parameter notice: returns the line that reports lost lines, once writing works again.
    package init(_ descriptor: Int32, notice: @escaping @Sendable (_ lost: Int) -> String?) {
        self.descriptor = descriptor
        self.notice = notice
    }

    /// From now on, `counted` is called with how many lines are lost.
    package func count(_ counted: @escaping @Sendable (Int) -> Void) {
        state.withLock { $0.counted = counted }
    }

    package func put(_ text: String, end: String = "\n") {
        let bytes = Array((text + end).utf8)
        let fits = state.withLock { state in
            guard state.waiting + bytes.count <= LineQueue.room || state.waiting == 0 else { return false }
            state.waiting += bytes.count
            return true
        }
        guard fits else { return lose() }
        writer.async { self.write(bytes) }
    }

    /// Waits until everything queued is written, but not for ever.
    package func flush(within seconds: Double = 1) {
        guard state.withLock({ $0.waiting > 0 && !$0.isStuck }) else { return }
        let done = DispatchSemaphore(value: 0)
        writer.async { done.signal() }
        if done.wait(timeout: .now() + seconds) == .timedOut { state.withLock { $0.isStuck = true } }
    }

    private func lose() {
        let counted = state.withLock { state in
            state.untold += 1
            return state.counted
        }
        counted(1)
    }

    private func write(_ line: [UInt8]) {
        let (lost, isBroken) = state.withLock { ($0.untold, $0.isBroken) }
        var bytes: [UInt8] = isBroken ? [0x0A] : []
        if lost > 0, let notice = notice(lost) { bytes += Array((notice + "\n").utf8) }
        bytes += line
        let (error, written) = Descriptor.write(bytes, to: descriptor)
        state.withLock { state in
            state.waiting -= line.count
            state.isStuck = false
            if error == 0 { state.untold -= lost }
            if written > 0 { state.isBroken = error != 0 }
        }
        if error != 0 { lose() }
    }
}
