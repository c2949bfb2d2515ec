import Values

/// Files for spreadsheets (RFC 4180).
package enum CSV {
    /// Joins lines of fields. Fields must be safe as they are (ids, dates, plain amounts) or made safe by
    /// ``words(_:)``.
    package static func text(_ lines: some Sequence<[String]>) -> String {
        lines.reduce(into: "") { $0 += $1.joined(separator: ",") + "\r\n" }
    }

    /// Text that people typed, or that came from outside. It is quoted, and gets a leading apostrophe if a spreadsheet
    /// would run it as a formula. Empty for `nil`.
    package static func words(_ text: String?) -> String {
        guard let text, let first = text.unicodeScalars.first else { return "" }
        // A program that reads line by line may accept a formula after white space too.
        let start = text.unicodeScalars.first { $0 != " " && $0 != "\n" } ?? first
        let safe = "=+-@\t\r".unicodeScalars.contains(start) ? "'" + text : text
        return "\"" + safe.replacing("\"", by: "\"\"") + "\""
    }
}
