import CSQLite
import Storage

/// One connection to one file, or to a database in memory.
// Unchecked: opened with NOMUTEX and used by one thread at a time. It is either handed over before that thread starts,
// or stays behind the lock of an inline database.
final class SQLiteConnection: @unchecked Sendable {
    enum Access {
        case write
        case read
        case memory
        /// A new file that nobody else opens and that need not be durable.
        case scratch
    }

    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]
    private var uses: UInt64 = 0
    private var isClosed = false
    /// Lists of ids produce ever new statement texts; without a limit all of them would be kept.
    private static let statementLimit = 256

    /// Must run once, before the first use of SQLite.
    private static let configured: Void = popug_sqlite_configure()

    init(path: String, access: Access) throws {
        SQLiteConnection.configured
        let how =
            switch access {
            case .write, .scratch: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .read: SQLITE_OPEN_READONLY
            case .memory: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY
            }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            access == .memory ? ":memory:" : path, &opened, how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw StorageError(code: code, message: "\(path): \(message)")
        }
        handle = opened
        sqlite3_busy_timeout(handle, 5_000)
        do {
            try configure(access, path: path)
        } catch {
            close()
            throw SQLiteConnection.naming(path, error)
        }
    }

    deinit {
        close()
    }

    private func configure(_ access: Access, path: String) throws {
        try run("PRAGMA foreign_keys = ON")
        // Savepoints keep copies of old pages; these need not go to the disk.
        try run("PRAGMA temp_store = MEMORY")
        guard access != .memory else { return }
        guard access != .scratch else {
            try run("PRAGMA synchronous = OFF")
            _ = try value("PRAGMA journal_mode = OFF")
            return
        }
        // No mmap_size: an I/O error would be a SIGBUS, and mapped pages count as the server's memory.
        try run("PRAGMA cache_size = \(access == .write ? -32_768 : -8_192)")
        guard access == .write else { return }
        guard sqlite3_db_readonly(handle, "main") == 0 else {
            throw StorageError.readOnly("the file may not be written")
        }
        guard try value("PRAGMA journal_mode = WAL") == .text("wal") else {
            throw StorageError.unavailable("the write-ahead log cannot be turned on: is it in use by another program?")
        }
        // With anything less, a commit would not be durable before the next checkpoint.
        try run("PRAGMA synchronous = FULL")
        try run("PRAGMA wal_autocheckpoint = 20000")
    }

    private static func naming(_ path: String, _ error: any Error) -> any Error {
        switch error as? StorageError {
        case .full(let text): StorageError.full("\(path): \(text)")
        case .readOnly(let text): StorageError.readOnly("\(path): \(text)")
        case .unavailable(let text): StorageError.unavailable("\(path): \(text)")
        case .corrupt(let text): StorageError.corrupt("\(path): \(text)")
        default: error
        }
    }

    /// Finalizes all prepared statements and closes the file. The last connection of a file removes its write-ahead
    /// log.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Copies the write-ahead log into the file, then closes.
    func finish() {
        // Passive, so that it waits for no reader; closing the last connection does the rest. A failure loses nothing:
        // the log stays and is read at the next start.
        if !isClosed { try? run("PRAGMA wal_checkpoint(PASSIVE)") }
        close()
    }

    /// `true` outside a transaction, also after an error has ended one.
    var isIdle: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Rows changed by the last INSERT, UPDATE or DELETE, without cascades.
    var lastChanges: Int { Int(sqlite3_changes64(handle)) }

    /// Rows changed since the connection was opened.
    var totalChanges: Int64 { sqlite3_total_changes64(handle) }

    /// How many of these are changes that nobody waits for.
    var quietChanges: Int64 = 0

    /// Rows changed that somebody may wait for.
    var toldChanges: Int64 { totalChanges - quietChanges }

    /// The statement with this text, reset and ready; each text is prepared only once.
    func statement(_ text: String) throws -> Statement {
        guard !isClosed else { throw StorageError.closed }
        uses &+= 1
        if let known = statements[text] {
            known.lastUse = uses
            return known
        }
        if statements.count >= SQLiteConnection.statementLimit {
            let half = statements.values.map(\.lastUse).sorted()[statements.count / 2]
            statements = statements.filter { $0.value.lastUse > half }
        }
        let made = try Statement(text, on: handle)
        made.lastUse = uses
        statements[text] = made
        return made
    }

    /// Runs a statement of the driver's own.
    func run(_ text: String) throws {
        let statement = try statement(text)
        defer { statement.reset() }
        while try statement.step() {}
    }

    /// The first column of a statement of the driver's own.
    func value(_ text: String) throws -> Value {
        let statement = try statement(text)
        defer { statement.reset() }
        return try statement.step() ? try statement.row().values.first ?? .null : .null
    }

    /// What SQLite finds wrong with the file itself: its pages, indexes and constraints. Empty if all is well.
    /// - Parameter quick: do not compare indexes with their tables, which takes most of the time.
    func damage(quick: Bool = false) -> [String] {
        var found: [String] = []
        do {
            let statement = try statement(quick ? "PRAGMA quick_check(20)" : "PRAGMA integrity_check(20)")
            defer { statement.reset() }
            while try statement.step() {
                if case .text(let text) = try statement.row().values.first ?? .null, text != "ok" { found.append(text) }
            }
        } catch {
            // The file is too damaged to be checked.
            found.append("\(error)")
        }
        return found
    }

    /// Rolls back if a transaction is open.
    func rollBack() {
        // If even this fails, the transaction is over or the next BEGIN reports it. The error to report is the one that
        // led here.
        if !isIdle { try? run("ROLLBACK") }
    }

    /// Copies everything into a new database in memory: the snapshot of a database that has no file.
    func copy() throws -> SQLiteConnection {
        let copy = try SQLiteConnection(path: ":memory:", access: .memory)
        try copyPages(to: copy) { _, _ in }
        return copy
    }

    /// Copies every page as this connection's transaction sees it, about a mebibyte at a time.
    /// - Throws: what `progress` throws between two steps; what was copied until then is useless.
    func copyPages(to copy: SQLiteConnection, progress: (_ done: Int64, _ total: Int64) throws -> Void) throws {
        guard let backup = sqlite3_backup_init(copy.handle, "main", handle, "main") else {
            throw StorageError(
                code: sqlite3_errcode(copy.handle), message: String(cString: sqlite3_errmsg(copy.handle)))
        }
        var code = SQLITE_OK
        do {
            while code == SQLITE_OK {
                code = sqlite3_backup_step(backup, 256)
                let total = Int64(sqlite3_backup_pagecount(backup))
                try progress(total - Int64(sqlite3_backup_remaining(backup)), total)
            }
        } catch {
            sqlite3_backup_finish(backup)
            throw error
        }
        sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE else {
            throw StorageError(
                code: code, message: String(cString: sqlite3_errstr(code)),
                systemError: sqlite3_system_errno(copy.handle))
        }
    }
}
