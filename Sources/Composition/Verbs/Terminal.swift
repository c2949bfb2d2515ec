import ArgumentParser
import Foundation
import Synchronization

/// What verbs print: results to standard output; progress and complaints to standard error, progress as a moving bar
/// where that is a terminal and as plain lines where it isn't.
package enum Terminal {
    /// The system's error of the first result that could not be printed; 0 for none.
    private static let failure = Mutex<Int32>(0)

    /// Prints a result, waiting for whoever reads it. Where it cannot be printed, nothing more is, the work that is under
    /// way goes on to its end, and the verb ends as ``ending(_:)`` has it.
    package static func say(_ text: String) {
        failure.withLock { failure in
            guard failure == 0 else { return }
            failure = Descriptor.write(Array((text + "\n").utf8), to: STDOUT_FILENO).error
        }
    }

    /// What a server says once it takes requests; scripts wait for this line. It waits for nobody who reads it.
    static func ready(_ host: String, _ port: Int) {
        LineQueue.output.put("Ready on http://\(ListenAddress.authority(host, port))")
    }

    /// For verbs that go on until they are stopped.
    /// - Throws: `ExitCode` where nobody hears what is said.
    package static func check() throws {
        if failure.withLock({ $0 }) != 0 { throw ExitCode.success }
    }

    package static func complain(_ text: String) {
        put(text + "\n")
    }

    fileprivate static func put(_ text: String) {
        LineQueue.errors.put(text, end: "")
        // What is said next on standard output comes after it.
        LineQueue.errors.flush()
    }

    /// The exit code of a verb that would end with `code`: where its output was closed, it has nothing to say to that;
    /// where it could not be written, it says so.
    package static func ending(_ code: Int32) -> Int32 {
        let failure = failure.withLock { $0 }
        defer {
            LineQueue.output.flush()
            LineQueue.errors.flush()
        }
        guard failure != 0 else { return code }
        // As a shell has it of programs that end because nobody reads them.
        if [EPIPE, EBADF].contains(failure) { return code == 0 ? 128 + SIGPIPE : code }
        complain("popug: The output cannot be written: \(String(cString: strerror(failure)))")
        return code == 0 ? Failure.Code.unavailable.rawValue : code
    }

    package static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks on the terminal; an empty line takes `standard`. `nil` where nobody can answer, or nothing more is typed.
    package static func ask(_ question: String, standard: String? = nil, hidden: Bool = false) throws -> String? {
        guard isInteractive else { return nil }
        put("\(question)\(standard.map { " [\($0)]" } ?? ""): ")
        var old = termios()
        if hidden {
            tcgetattr(STDIN_FILENO, &old)
            var quiet = old
            quiet.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &quiet)
        }
        defer {
            if hidden {
                tcsetattr(STDIN_FILENO, TCSANOW, &old)
                complain("")
            }
        }
        guard let line = try line() else { return nil }
        return line.isEmpty ? standard ?? line : line
    }

    /// The next line of standard input, and nothing of what comes after it; `nil` at its end.
    /// - Throws: ``Failure`` for what is not UTF-8.
    static func line() throws -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0, bytes.isEmpty { return nil }
            if count <= 0 || byte == 0x0A { break }
            bytes.append(byte)
        }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.refused, "What was typed is not text in UTF-8")
        }
        return text
    }

    /// `12.3`
    package static func decimal(_ number: Double) -> String {
        String(format: "%.1f", number)
    }

    /// `12.3 MiB`
    package static func size(_ bytes: Int64) -> String {
        switch bytes {
        case ..<(1 << 20): "\(max(1, bytes >> 10)) KiB"
        case ..<(1 << 30): "\(decimal(Double(bytes) / 1_048_576)) MiB"
        default: "\(decimal(Double(bytes) / 1_073_741_824)) GiB"
        }
    }

    /// `1 warning`, `2 warnings`
    static func count(_ number: Int64, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    /// Rows in columns as wide as their widest cell.
    package static func table(_ rows: [[String]]) {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let line = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }.joined(separator: "  ")
            say(String(line.reversed().drop(while: { $0 == " " }).reversed()))
        }
    }
}

/// How far long work is: a bar that redraws itself on a terminal, a line every ten per cent elsewhere.
package final class ProgressBar: Sendable {
    package enum Unit: Sendable {
        case things, bytes
    }

    private let title: String
    private let unit: Unit
    private let terminal = isatty(STDERR_FILENO) == 1
    private let shown = Mutex(-1)

    package init(_ title: String, unit: Unit = .things) {
        self.title = title
        self.unit = unit
    }

    /// - Parameter total: 0 where it is not known.
    package func show(_ done: Int64, of total: Int64) {
        let percent = total > 0 ? Int(min(100, done * 100 / total)) : 0
        let step = terminal ? percent : percent / 10 * 10
        let changed = shown.withLock { shown in
            defer { shown = step }
            return shown != step
        }
        guard changed else { return }
        let shift = unit == .things ? 0 : total < 10 << 20 ? 10 : 20
        let (done, total) = (done >> shift, total >> shift)
        let name = [0: "", 10: " KiB"][shift] ?? " MiB"
        if terminal {
            let filled = percent * 40 / 100
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 40 - filled)
            Terminal.put("\r\(title) \(bar) \(percent)% \(done)/\(total)\(name)")
        } else {
            Terminal.complain("\(title) \(step)% \(done)/\(total)\(name)")
        }
    }

    package func end() {
        if terminal { Terminal.complain("") }
    }
}
