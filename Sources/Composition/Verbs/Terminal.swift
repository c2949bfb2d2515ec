import Foundation
import Synchronization

/// What verbs print: results to standard output; progress and complaints to standard error, progress as a moving bar
/// where that is a terminal and as plain lines where it isn't.
package enum Terminal {
    package static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    package static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    package static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks on the terminal; an empty line takes `standard`. `nil` where nobody can answer.
    package static func ask(_ question: String, standard: String? = nil, hidden: Bool = false) -> String? {
        guard isInteractive else { return nil }
        FileHandle.standardError.write(Data("\(question)\(standard.map { " [\($0)]" } ?? ""): ".utf8))
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
        guard let line = readLine(strippingNewline: true) else { return nil }
        return line.isEmpty ? standard : line
    }

    /// `12.3`
    package static func decimal(_ number: Double) -> String {
        String(format: "%.1f", number)
    }

    /// `12.3 MiB`
    package static func size(_ bytes: Int64) -> String {
        bytes < 1 << 20 ? "\(max(1, bytes >> 10)) KiB" : "\(decimal(Double(bytes) / 1_048_576)) MiB"
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
            FileHandle.standardError.write(Data("\r\(title) \(bar) \(percent)% \(done)/\(total)\(name)".utf8))
        } else {
            Terminal.complain("\(title) \(step)% \(done)/\(total)\(name)")
        }
    }

    package func end() {
        if terminal { Terminal.complain("") }
    }
}
