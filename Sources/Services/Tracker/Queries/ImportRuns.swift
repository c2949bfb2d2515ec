import Storage
import Values
import Web

/// Imported files, newest first, and their rejects.
enum ImportRuns {
    static func list(before cursor: Int64?, limit: Int, in transaction: any Transaction) throws -> [ImportRun] {
        try transaction.fetch(
            """
            SELECT \(ImportRun.columns) \(ImportRun.source) WHERE i.position < \(cursor ?? .max)
            ORDER BY i.position DESC LIMIT \(limit)
            """
        ).map { try ImportRun($0) }
    }

    static func one(_ id: ID, in transaction: any Transaction) throws -> ImportRun? {
        try transaction.fetchOne("SELECT \(ImportRun.columns) \(ImportRun.source) WHERE i.id = \(id)")
            .map { try ImportRun($0) }
    }

    /// The oldest import that is not done: files are imported one after another.
    static func current(in transaction: any Transaction) throws -> ImportRun? {
        for state in [ImportRun.State.tasks, .people] {
            if let row = try transaction.fetchOne(
                """
                SELECT \(ImportRun.columns) \(ImportRun.source) WHERE i.state = \(state) ORDER BY i.position LIMIT 1
                """)
            {
                return try ImportRun(row)
            }
        }
        return nil
    }

    static func rejects(
        of run: ImportRun, after line: Int, limit: Int, in transaction: any Transaction
    ) throws -> [ImportReject] {
        try transaction.fetch(
            """
            SELECT line, reason, content FROM import_reject WHERE import = \(run.position) AND line > \(line)
            ORDER BY line LIMIT \(limit)
            """
        ).map { try reject($0) }
    }

    /// The rejects file: line number, reason, content.
    static func rejectsFile(of run: ImportRun, in transaction: any Transaction) throws -> String {
        var text = "line,reason,content\r\n"
        try transaction.forEach(
            "SELECT line, reason, content FROM import_reject WHERE import = \(run.position) ORDER BY line"
        ) { row in
            let reject = try reject(row)
            text += "\(reject.line),\(CSV.words(reject.reason.text)),\(CSV.words(reject.content))\r\n"
        }
        return text
    }

    private static func reject(_ row: Row) throws -> ImportReject {
        let reason: String = try row(1)
        guard let known = ImportReject.Reason(rawValue: reason) else {
            throw StorageError.corrupt("a line was rejected for no known reason: \(reason)")
        }
        return ImportReject(line: try row(0), reason: known, content: try row(2))
    }
}
