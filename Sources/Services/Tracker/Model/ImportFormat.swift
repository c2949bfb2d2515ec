import Web

/// What a file is, told from its beginning (X19): CSV (RFC 4180) with a header, or JSON Lines.
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
    /// The columns of a CSV in the file's order.
    package let columns: [Column]
    /// Where the first record begins, and on which line.
    package let start: Int
    package let line: Int

    static let newline = UInt8(ascii: "\n")

    /// - Throws: a 422 problem that says why this is not a file of work.
    package init(beginning bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { throw Problem.invalid("file", "import.empty") }
        let bom = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw Problem.invalid("file", "import.encoding")
        }
        guard !bytes.prefix(4096).contains(0) else { throw Problem.invalid("file", "import.binary") }
        guard let first = bytes[bom...].first(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }) else {
            throw Problem.invalid("file", "import.empty")
        }
        if first == UInt8(ascii: "{") {
            kind = .json
            columns = []
            start = bom
            line = 1
            return
        }
        let end = bytes[bom...].firstIndex(of: ImportFormat.newline) ?? bytes.count
        guard end - bom <= 4096 else { throw Problem.invalid("file", "import.header") }
        guard let header = String(validating: bytes[bom..<end], as: UTF8.self) else {
            throw Problem.invalid("file", "import.encoding")
        }
        kind = .csv
        columns = try ImportFormat.columns(of: header)
        start = min(end + 1, bytes.count)
        line = 2
    }

    private static func columns(of header: String) throws -> [Column] {
        var columns: [Column] = []
        for part in header.split(separator: ",", omittingEmptySubsequences: false) {
            let name = String(part.filter { !$0.isWhitespace && $0 != "\"" }).lowercased()
            guard let column = Column(rawValue: name) else {
                // Not one known name in it: this is no header at all.
                let known = header.lowercased().contains("title")
                throw known
                    ? Problem.invalid("file", "import.column", values: ["column": String(name.prefix(50))])
                    : Problem.invalid("file", "import.header")
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

    /// As it was stored with an import.
    init?(kind: String, columns: String) {
        guard let kind = Kind(rawValue: kind) else { return nil }
        self.kind = kind
        self.columns = columns.split(separator: ",").compactMap { Column(rawValue: String($0)) }
        start = 0
        line = 0
    }

    var storedColumns: String { columns.map(\.rawValue).joined(separator: ",") }
}
