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
    /// What makes it new again.
    private let emptying: [SQL]

    /// What goes wrong in it, while a run has it.
    // Unchecked: as the disk.
    private final class Hook: @unchecked Sendable {
        var strike: FaultHook?
    }

    /// Those that no run has.
    private static let shelf = Mutex<[String: [Disk]]>([:])

    /// An empty one from the shelf, or a new one.
    static func take(_ name: String, steps: () throws -> [Migration], faults: @escaping FaultHook) throws -> Disk {
        let kept = shelf.withLock { $0[name]?.popLast() }
        let disk = try kept ?? Disk(name, steps())
        try disk.empty()
        disk.hook.strike = faults
        return disk
    }

    /// The run needs it no more.
    func giveBack() {
        hook.strike = nil
        Disk.shelf.withLock { $0[name, default: []].append(self) }
    }

    private init(_ name: String, _ steps: [Migration]) throws {
        self.name = name
        let hook = Hook()
        self.hook = hook
        database = try SQLiteDatabase.inline(name: name) { try hook.strike?($0) }
        try database.migrate(steps, now: Instant(milliseconds: 0))
        emptying = try database.read(Disk.emptying)
    }

    private func empty() throws {
        try database.write { [emptying] transaction in
            for statement in emptying { try transaction.send(statement) }
        }
    }

    /// Statements that delete everything, and put the rows back that are there now.
    private static let emptying: @Sendable (any Transaction) throws -> [SQL] = { transaction in
        var virtual: [String] = []
        var deletions: [SQL] = [SQL(text: "PRAGMA defer_foreign_keys = ON", values: [])]
        var insertions: [SQL] = []
        let tables = try transaction.fetch("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
        for row in tables {
            let (name, text): (String, String?) = (try row(0), try row(1))
            // A search index keeps its words in tables of its own.
            if virtual.contains(where: { name.hasPrefix($0 + "_") }) { continue }
            if text?.hasPrefix("CREATE VIRTUAL TABLE") == true {
                virtual.append(name)
                deletions.append(SQL(text: "INSERT INTO \(name) (\(name)) VALUES ('delete-all')", values: []))
                continue
            }
            deletions.append(SQL(text: "DELETE FROM \(name)", values: []))
            for row in try transaction.fetch(SQL(text: "SELECT * FROM \(name)", values: [])) {
                let places = row.values.map { _ in "?" }.joined(separator: ", ")
                insertions.append(SQL(text: "INSERT INTO \(name) VALUES (\(places))", values: row.values))
            }
        }
        return deletions + insertions
    }
}
