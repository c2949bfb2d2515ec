import Hosting
import SQLiteDriver
import Storage
import Synchronization
import Values

/// A service's database, used by one run after the other: emptied to what the steps of its schema leave, instead of made
/// anew. To make all schemas, and to prepare every statement once more, would take as long as a short run.
// Unchecked: one run's at a time (see ``World``), and behind the shelf's lock between them.
final class Disk: @unchecked Sendable {
    let name: String
    let database: SQLiteDatabase
    private let hook: Hook
    private let tables: [Table]
    /// What empties it: those rows first that refer to others.
    private let deletions: [SQL]
    /// What it holds when it is new.
    private let new: Content

    /// The rows of its tables, each with the statement that inserts them, in an order in which that can be done.
    typealias Content = [(text: String, rows: [[Value]])]

    /// What goes wrong in it, while a run has it.
    // Unchecked: as the disk.
    private final class Hook: @unchecked Sendable {
        var strike: FaultHook?
    }

    /// Those that no run has.
    private static let shelf = Mutex<[String: [Disk]]>([:])

    /// One from the shelf, or a new one; empty where no content is given.
    static func take(
        _ name: String, steps: () throws -> Shared.Steps, content: Content?, faults: @escaping FaultHook
    ) throws -> Disk {
        let kept = shelf.withLock { $0[name]?.popLast() }
        let disk = try kept ?? Disk(name, steps())
        try disk.fill(content ?? disk.new)
        disk.hook.strike = faults
        return disk
    }

    /// The run needs it no more.
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
            // No pragma that puts the checks of references off: it would have every statement prepared anew.
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

    /// What it holds now.
    func content() throws -> Content {
        try database.read { [tables] in try Disk.content(of: tables, in: $0) }
    }

    private struct Table: Sendable {
        let name: String
        let isVirtual: Bool
    }

    /// In the order in which they were made: those that others refer to come first.
    private static let tables: @Sendable (any Transaction) throws -> [Table] = { transaction in
        var tables: [Table] = []
        for row in try transaction.fetch("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid") {
            let (name, text): (String, String?) = (try row(0), try row(1))
            // A search index keeps its words in tables of its own.
            if tables.contains(where: { $0.isVirtual && name.hasPrefix($0.name + "_") }) { continue }
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
