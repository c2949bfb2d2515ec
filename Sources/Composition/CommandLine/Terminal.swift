import ArgumentParser
import Foundation
import Synchronization

/// What verbs print: results to standard output; progress and complaints to standard error. Progress is a moving bar on
/// a terminal, and plain lines elsewhere.
package enum Terminal {
    /// The system's error of the first result that could not be printed; 0 for none.
    private static let failure = Mutex<Int32>(0)

    /// Prints a result, and waits for the reader. If it cannot be printed, nothing more is printed, the work that is
    /// under way is finished, and the verb ends with the code of ``ending(_:)``.
    package static func say(_ text: String) {
        failure.withLock { failure in
            guard failure == 0 else { return }
            failure = Descriptor.write(Array((text + "\n").utf8), to: STDOUT_FILENO).error
        }
    }

    /// What a server prints once it takes requests; scripts wait for this line. The server does not wait for a reader.
    static func ready(_ host: String, _ port: Int) {
        LineQueue.output.put("Ready on http://\(ListenAddress.authority(host, port))")
    }

    /// For verbs that go on until they are stopped.
    /// - Throws: `ExitCode` if nobody can read the output any more.
    package static func check() throws {
        if failure.withLock({ $0 }) != 0 { throw ExitCode.success }
    }

    package static func complain(_ text: String) {
        put(text + "\n")
    }

    fileprivate static func put(_ text: String) {
        LineQueue.errors.put(text, end: "")
        // So that later lines on standard output come after it.
        LineQueue.errors.flush()
    }

    /// The exit code of a verb that would end with `code`: if its output was closed, nothing is printed about that; if
    /// the output could not be written, an error is printed.
    package static func ending(_ code: Int32) -> Int32 {
        let failure = failure.withLock { $0 }
        defer {
            LineQueue.output.flush()
            LineQueue.errors.flush()
        }
        guard failure != 0 else { return code }
        // The code that a shell gives to programs that end because nobody reads their output.
        if [EPIPE, EBADF].contains(failure) { return code == 0 ? 128 + SIGPIPE : code }
        complain("popug: The output cannot be written: \(String(cString: strerror(failure)))")
        return code == 0 ? Failure.Code.unavailable.rawValue : code
    }

    package static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks on the terminal; an empty line means `standard`. `nil` if nobody can answer, or the input has ended.
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

    /// The next line of standard input, and nothing after it; `nil` at its end.
    /// - Throws: ``Failure`` for text that is not UTF-8.
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

    /// Prints rows in columns, each as wide as its widest cell.
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

/// The progress of long work: a bar that redraws itself on a terminal, a line every ten per cent elsewhere.
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

    /// - Parameter total: 0 if it is not known.
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
