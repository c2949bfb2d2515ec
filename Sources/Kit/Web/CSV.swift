import Values

/// Files for spreadsheets (RFC 4180).
package enum CSV {
    /// Lines of fields that are safe as they are (ids, dates, plain sums) or were made so by ``words(_:)``.
    package static func text(_ lines: some Sequence<[String]>) -> String {
        lines.reduce(into: "") { $0 += $1.joined(separator: ",") + "\r\n" }
    }

    /// What people typed, or what came from outside: quoted, and with an apostrophe before what a spreadsheet would
    /// take for a formula and run. Empty for `nil`.
    package static func words(_ text: String?) -> String {
        guard let text, let first = text.unicodeScalars.first else { return "" }
        // A program that reads lines on its own may take a formula after white space too.
        let start = text.unicodeScalars.first { $0 != " " && $0 != "\n" } ?? first
        let safe = "=+-@\t\r".unicodeScalars.contains(start) ? "'" + text : text
        return "\"" + safe.replacing("\"", by: "\"\"") + "\""
    }
}
