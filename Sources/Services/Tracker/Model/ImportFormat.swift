import Values
import Web

/// The format of a file, recognized from its beginning (X19): CSV (RFC 4180) with a header, or JSON Lines.
package struct ImportFormat: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case csv
        case json
    }

    package enum Column: String, Sendable, CaseIterable {
        case createdAt = "created_at"
        case createdBy = "created_by"
        case title
        case jiraID = "jira_id"
        case description

        static let needed: [Column] = [.createdAt, .createdBy, .title]
    }

    package let kind: Kind
    /// The columns of a CSV file, in the file's order.
    package let columns: [Column]
    /// Where the first record begins, and its line number.
    package let start: Int
    package let line: Int

    static let newline = UInt8(ascii: "\n")

    /// - Throws: a 422 problem that says why this is not a file of work.
    package init(beginning bytes: [UInt8]) throws {
        let bom = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw Problem.invalid("file", "import.encoding")
        }
        // A spreadsheet may leave empty lines above the header.
        guard let begin = bytes[bom...].firstIndex(where: { !ImportFormat.isBlank($0) }) else {
            throw Problem.invalid("file", "import.empty")
        }
        if bytes[begin] == UInt8(ascii: "{") {
            kind = .json
            columns = []
            start = bom
            line = 1
            return
        }
        guard bytes[begin] != UInt8(ascii: "[") else { throw Problem.invalid("file", "import.array") }
        let end = bytes[begin...].firstIndex(of: ImportFormat.newline) ?? bytes.count
        guard !bytes[begin..<min(end, begin + 4096)].contains(0) else { throw Problem.invalid("file", "import.binary") }
        guard end - begin <= 4096 else { throw Problem.invalid("file", "import.header") }
        guard let header = String(validating: bytes[begin..<end], as: UTF8.self) else {
            throw Problem.invalid("file", "import.encoding")
        }
        // A carriage return inside the first line means that the file's lines do not end with a line feed.
        guard !header.trimmed().has("\r") else { throw Problem.invalid("file", "import.returns") }
        kind = .csv
        columns = try ImportFormat.columns(of: header)
        start = min(end + 1, bytes.count)
        line = 2 + bytes[bom..<begin].count(where: { $0 == ImportFormat.newline })
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private static func columns(of header: String) throws -> [Column] {
        var names = header.parts(at: ",").map(name)
        // A spreadsheet writes empty columns at the end if their cells were once used.
        while names.last == "" { names.removeLast() }
        guard names.contains(where: { Column(rawValue: $0) != nil }) else { throw noHeader(header) }
        var columns: [Column] = []
        for name in names {
            guard let column = Column(rawValue: name) else {
                throw Problem.invalid("file", "import.column", values: ["column": name.beginning(50)])
            }
            guard !columns.contains(column) else {
                throw Problem.invalid("file", "import.column-twice", values: ["column": column.rawValue])
            }
            columns.append(column)
        }
        for column in Column.needed where !columns.contains(column) {
            throw Problem.invalid("file", "import.column-missing", values: ["column": column.rawValue])
        }
        return columns
    }

    /// A column's name in lower case, without quotation marks and white space.
    private static func name(_ cell: String) -> String {
        var name = String.UnicodeScalarView()
        name.append(contentsOf: cell.unicodeScalars.filter { $0 != "\"" && !$0.properties.isWhitespace })
        return String(name).lowercased()
    }

    /// There is no known name between commas. The problem tells what a spreadsheet may have written instead of a
    /// header.
    private static func noHeader(_ header: String) -> Problem {
        func has(_ separator: Unicode.Scalar) -> Bool {
            header.parts(at: separator).contains { Column(rawValue: name($0)) != nil }
        }
        if name(header).utf8.starts(with: "sep=".utf8) { return Problem.invalid("file", "import.separator") }
        if has(";") { return Problem.invalid("file", "import.semicolons") }
        if has("\t") { return Problem.invalid("file", "import.tabs") }
        return Problem.invalid("file", "import.header")
    }

    /// The format as stored with an import.
    init?(kind: String, columns: String) {
        guard let kind = Kind(rawValue: kind) else { return nil }
        self.kind = kind
        self.columns = columns.parts(at: ",").compactMap(Column.init(rawValue:))
        start = 0
        line = 0
    }

    var storedColumns: String { columns.map(\.rawValue).joined(separator: ",") }
}
