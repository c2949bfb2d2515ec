import Hosting
import SQLiteDriver
import Storage
import Synchronization
import Values

/// A service's database, reused by one run after another. It is emptied to what the steps of its schema leave, instead
/// of being made again: making all schemas, and preparing every statement once more, would take as long as a short run.
// Unchecked: one run at a time uses it (see ``World``), and the shelf's lock guards it between runs.
final class Disk: @unchecked Sendable {
    let name: String
    let database: SQLiteDatabase
    private let hook: Hook
    private let tables: [Table]
    /// The statements that empty it: rows that refer to others come first.
    private let deletions: [SQL]
    /// The content of a new disk.
    private let new: Content

    /// The rows of its tables, each with the statement that inserts them, in an order that keeps references valid.
    typealias Content = [(text: String, rows: [[Value]])]

    /// The faults of the disk while a run uses it.
    // Unchecked: for the same reason as the disk.
    private final class Hook: @unchecked Sendable {
        var strike: FaultHook?
    }

    /// The disks that no run uses.
    private static let shelf = Mutex<[String: [Disk]]>([:])

    /// A disk from the shelf, or a new one; empty if no content is given.
    static func take(
        _ name: String, steps: () throws -> Shared.Steps, content: Content?, faults: @escaping FaultHook
    ) throws -> Disk {
        let kept = shelf.withLock { $0[name]?.popLast() }
        let disk = try kept ?? Disk(name, steps())
        try disk.fill(content ?? disk.new)
        disk.hook.strike = faults
        return disk
    }

    /// The run no longer needs the disk.
    func giveBack() {
        hook.strike = nil
        Disk.shelf.withLock { $0[name, default: []].append(self) }
    }

    private init(_ name: String, _ steps: Shared.Steps) throws {
        self.name = name
        let hook = Hook()
        self.hook = hook
        database = try SQLiteDatabase.inline(name: name) { try hook.strike?($0) }
        try database.migrate(steps.own, kit: steps.kit, now: Instant(milliseconds: 0))
        let tables = try database.read(Disk.tables)
        deletions = tables.reversed().map { table in
            // References stay checked: the pragma against that would make SQLite prepare every statement again.
            let text =
                table.isVirtual
                ? "INSERT INTO \(table.name) (\(table.name)) VALUES ('delete-all')" : "DELETE FROM \(table.name)"
            return SQL(text: text, values: [])
        }
        new = try database.read { try Disk.content(of: tables, in: $0) }
        self.tables = tables
    }

    private func fill(_ content: Content) throws {
        try database.write { [deletions] transaction in
            for statement in deletions { try transaction.send(statement) }
            for (text, rows) in content { try transaction.send(text, rows: rows) }
        }
    }

    /// The current content.
    func content() throws -> Content {
        try database.read { [tables] in try Disk.content(of: tables, in: $0) }
    }

    private struct Table: Sendable {
        let name: String
        let isVirtual: Bool
    }

    /// In the order in which they were made: tables that others refer to come first.
    private static let tables: @Sendable (any Transaction) throws -> [Table] = { transaction in
        var tables: [Table] = []
        for row in try transaction.fetch("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid") {
            let (name, text): (String, String?) = (try row(0), try row(1))
            // A search index keeps its words in tables of its own; a list of its words holds nothing itself.
            if tables.contains(where: { $0.isVirtual && name.hasPrefix($0.name + "_") }) { continue }
            if text?.contains("USING fts5vocab") == true { continue }
            tables.append(Table(name: name, isVirtual: text?.hasPrefix("CREATE VIRTUAL TABLE") == true))
        }
        return tables
    }

    private static func content(of tables: [Table], in transaction: any Transaction) throws -> Content {
        try tables.compactMap { table in
            let rows = try transaction.fetch(SQL(text: "SELECT * FROM \(table.name)", values: []))
            guard let first = rows.first else { return nil }
            if table.isVirtual { throw Finding("what \(table.name) has found cannot be kept") }
            let places = first.values.map { _ in "?" }.joined(separator: ", ")
            return ("INSERT INTO \(table.name) VALUES (\(places))", rows.map(\.values))
        }
    }
}
