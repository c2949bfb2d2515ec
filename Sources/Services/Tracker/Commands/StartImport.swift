import Storage
import Values
import Web

/// Accepts a file: it is stored unchanged, and the import job works on it (X19).
struct StartImport {
    /// The largest file, in bytes.
    static let largest = 64 * 1024 * 1024
    /// How many bytes of a file one row holds.
    static let chunk = 256 * 1024

    /// - Throws: a 422 problem if the file is not a file of work at all.
    func callAsFunction(
        _ file: ArraySlice<UInt8>, name: String, by person: ID, _ environment: Environment, trace: String,
        in transaction: any Transaction
    ) throws -> ID {
        let format = try ImportFormat(beginning: Array(file.prefix(64 * 1024)))
        let id = environment.newID()
        let shown = Scalars.string(name.unicodeScalars.filter { TypedText.isPlain($0) }.prefix(200))
        let row = try transaction.fetchOne(
            """
            INSERT INTO import_run (id, state, name, format, columns, started_by, started_at, size, reached, line,
            skipping, lines, created, repeated, rejected, trace)
            VALUES (\(id), 0, \(shown), \(format.kind.rawValue), \(format.storedColumns), \(person),
            \(environment.now()), \(file.count), \(format.start), \(format.line), 0, 0, 0, 0, 0, \(trace))
            RETURNING position
            """)
        guard let position: Int64 = try row?(0) else { throw StorageError.failed("an import got no number") }
        for (number, offset) in stride(from: 0, to: file.count, by: Self.chunk).enumerated() {
            let begin = file.startIndex + offset
            let bytes = Array(file[begin..<min(begin + Self.chunk, file.endIndex)])
            try transaction.send(
                "INSERT INTO import_chunk (import, number, bytes) VALUES (\(position), \(number), \(bytes))")
        }
        return id
    }
}
