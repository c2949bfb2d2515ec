import Foundation
import Synchronization

extension Pipe {
    /// Passes on what is written to it, until nobody can write any more.
    package func follow(_ take: @escaping @Sendable (Data) -> Void) {
        fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            // At its end the file stays readable for ever.
            if data.isEmpty { handle.readabilityHandler = nil } else { take(data) }
        }
    }
}

extension Process {
    /// One start at a time. Foundation lists the open files and closes them in the new process. If two processes start
    /// at the same moment, one may inherit the descriptor by which the end of the other is noticed.
    private static let beginning = Mutex(())

    /// Starts the process, never at the same time as another, and with all signals allowed, as from a terminal. Threads
    /// of Swift tasks block most signals, and a shell makes background processes ignore Ctrl-C; the process would
    /// inherit that and never notice that it is to end.
    package func begin() throws {
        for heeded in [SIGINT, SIGQUIT] { signal(heeded, SIG_DFL) }
        var none = sigset_t()
        var own = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &own)
        defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
        try Process.beginning.withLock { _ in try run() }
    }

    /// Waits for the process's end, and kills it after this many seconds: a test that waits for ever says nothing.
    /// - Returns: `nil` if it ended by itself; otherwise what its threads were doing.
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

    /// What the system reports about a process's threads: their names, which say their purpose, their states, and the
    /// system call that they are in.
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
