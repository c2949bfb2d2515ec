import Foundation
import Synchronization

extension Pipe {
    /// Hands over what is written into it, until nobody can write any more.
    package func follow(_ take: @escaping @Sendable (Data) -> Void) {
        fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            // At its end it is readable for ever.
            if data.isEmpty { handle.readabilityHandler = nil } else { take(data) }
        }
    }
}

extension Process {
    /// One at a time: Foundation closes in a new process what is open as it looks, so that of two that begin at the same
    /// moment one may inherit what the other is waited for by.
    private static let beginning = Mutex(())

    /// Runs it, apart from all others, and with every signal let through, as from a terminal: threads of tasks keep most
    /// from themselves, a shell has what it runs on the side ignore Ctrl-C, and what is started would never hear that it
    /// is to end.
    package func begin() throws {
        for heeded in [SIGINT, SIGQUIT] { signal(heeded, SIG_DFL) }
        var none = sigset_t()
        var own = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &own)
        defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
        try Process.beginning.withLock { _ in try run() }
    }

    /// Waits for its end, and enforces it after so many seconds: a test that waits for ever says nothing.
    /// - Returns: `nil` where it ended by itself; otherwise what its threads were doing.
    package func waitUntilExit(atMost seconds: Double) -> String? {
        let late = Late()
        let id = processIdentifier
        let guardian = DispatchWorkItem {
            late.stood.withLock { $0 = Process.threads(of: id) }
            kill(id, SIGKILL)
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: guardian)
        waitUntilExit()
        guardian.cancel()
        return late.stood.withLock { $0 }
    }

    private final class Late: Sendable {
        let stood = Mutex<String?>(nil)
    }

    /// What the system tells of a process's threads: their names, which are what they are for, their states, and the
    /// system call in which they are.
    private static func threads(of process: Int32) -> String {
        let folder = "/proc/\(process)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return threads.sorted().map { thread in
            func word(_ file: String) -> String {
                (try? String(contentsOfFile: "\(folder)/\(thread)/\(file)", encoding: .utf8))?
                    .trimmingCharacters(in: .whitespacesAndNewlines) ?? "?"
            }
            let state = word("stat").split(separator: ")").last?.split(separator: " ").first ?? "?"
            return "\(word("comm")) \(state) \(word("wchan")) \(word("syscall").prefix(12))"
        }.joined(separator: "; ")
    }
}
