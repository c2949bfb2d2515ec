import CSQLite
import Composition
import Foundation
import SQLiteDriver
import Storage
import TestKit
import Values

/// The import of the real file until everything is charged. The reference is raw SQLite that writes the resulting rows,
/// table by table, in batches of 1,000.
enum ImportBenchmark {
    static func run() async throws -> [Figure] {
        let path = "../shared/data/kafka-work.csv"
        guard let content = FileManager.default.contents(atPath: path) else {
            print("import: \(path) does not lie beside the checkout; passed over")
            return []
        }
        let server = try BenchServer()
        let ours = try await seconds { try await server.importFile(Array(content)) }
        server.stop()
        let folder = try TemporaryFolder()
        var rows = 0
        var raw = 0.0
        for name in DataFolder.databaseNames {
            let source = server.installation.data + "/" + name
            let (written, taken) = try copy(from: source, to: folder.path + "/" + name)
            rows += written
            raw += taken
        }
        return [
            .rate(
                "import of 14,011 lines, until all is charged (\(rows) rows)", 14_011 / ours, unit: "lines/s",
                reference: 14_011 / raw, atLeast: 0.4)
        ]
    }

    private static func copy(from source: String, to target: String) throws -> (rows: Int, seconds: Double) {
        let database = try SQLiteDatabase(path: source, name: "source", readers: 1)
        defer { database.close() }
        let raw = try RawSQLite(path: target)
        let schema: [(name: String, sql: String)] = try database.read { transaction in
            try transaction.fetch(
                """
                SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
                    AND name NOT LIKE 'task_search%' AND name <> 'task_word' ORDER BY CASE type WHEN 'table' THEN 0 ELSE 1 END
                """
            ).map { (try $0(0), try $0(1)) }
        }
        for (_, sql) in schema { try raw.execute(sql) }
        var rows = 0
        var taken = 0.0
        for (name, sql) in schema where sql.hasPrefix("CREATE TABLE") {
            let cells: [[RawSQLite.Cell]] = try database.read { transaction in
                var all: [[RawSQLite.Cell]] = []
                try transaction.forEach(SQL(text: "SELECT * FROM \(name)", values: [])) { row in
                    all.append(row.values.map(RawSQLite.Cell.init))
                }
                return all
            }
            guard let first = cells.first else { continue }
            let insertion = "INSERT INTO \(name) VALUES (\(first.map { _ in "?" }.joined(separator: ",")))"
            rows += cells.count
            taken += try seconds {
                for start in stride(from: 0, to: cells.count, by: 1_000) {
                    try raw.execute("BEGIN IMMEDIATE")
                    for row in cells[start..<min(start + 1_000, cells.count)] { try raw.run(insertion, row) }
                    try raw.execute("COMMIT")
                }
            }
        }
        return (rows, taken)
    }
}

extension RawSQLite.Cell {
    init(_ value: Value) {
        switch value {
        case .null: self = .null
        case .integer(let number): self = .integer(number)
        case .text(let text): self = .text(text)
        case .blob(let bytes): self = .blob(bytes)
        case .id(let id): self = .blob(id.bytes)
        }
    }
}
