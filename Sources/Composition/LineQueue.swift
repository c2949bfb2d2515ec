import Foundation
import Synchronization

/// What a process says on one of its descriptors by the way: its log, its complaints, how far it is. Who says it never
/// waits for whoever reads, and nothing that befalls a line ends the program: a line that cannot be written, or for
/// which there is no room while the reader is slow, is dropped and counted.
package final class LineQueue: Sendable {
    package static let errors = LineQueue(STDERR_FILENO, notice: JSONLog.lost)
    /// For servers. What a verb answers is written at once, and its failure is the verb's (``Terminal/say(_:)``).
    package static let output = LineQueue(STDOUT_FILENO, notice: { _ in nil })

    /// Bytes that wait at most: about a thousand lines.
    private static let room = 1 << 18

    private struct State {
        var waiting = 0
        /// Dropped since the reader was last told.
        var untold = 0
        var counted: @Sendable (Int) -> Void = { _ in }
        /// Whether the last line broke off in the middle.
        var isBroken = false
        /// Nobody has read for as long as a flush waits: none waits again before somebody does.
        var isStuck = false
    }

    private let descriptor: Int32
    private let notice: @Sendable (_ lost: Int) -> String?
    private let state = Mutex(State())
    /// Writes one line after another, and may wait for a reader as long as it likes.
    private let writer = DispatchQueue(label: "lines")

    /// - Parameter notice: the line that tells of lost ones, once writing works again.
    package init(_ descriptor: Int32, notice: @escaping @Sendable (_ lost: Int) -> String?) {
        self.descriptor = descriptor
        self.notice = notice
    }

    /// Hears how many lines are lost, from now on.
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

    /// Waits until all that was put is written, but not for ever.
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

/// Writing as the system does it, where `FileHandle` ends the program for an error.
enum Descriptor {
    /// Writes all bytes, waiting for room in a pipe.
    /// - Returns: the system's error, 0 for none, and how many bytes were written.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> (error: Int32, written: Int) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                done += count
                continue
            }
            let error = count == 0 ? EIO : errno
            switch error {
            case EINTR: continue
            // Whoever shares the descriptor may have made it such that it never waits.
            case EAGAIN:
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
            default: return (error, done)
            }
        }
        return (0, done)
    }

    /// Holds the numbers of standard input, output and error where they are closed, so that no file gets one of them and
    /// what is meant for a person is not written into it. To be called before anything is opened.
    static func holdStandard() {
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) == -1 {
            // The lowest number that is free is this one. Only to be read: what is written there fails.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writing where nobody reads, or beyond the size that files may have, fails, and does not end the program.
    static func ignoreSignals() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }
}
