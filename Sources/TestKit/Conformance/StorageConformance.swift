import Foundation
import Storage
import Values

/// What every `Database` must do, whichever product it uses: named checks, each run on a database of its own.
///
///     @Test(arguments: StorageConformance.checks) func conforms(check: StorageConformance.Check) throws {
///         try check.run(on: makeEmptyDatabase())
///     }
package enum StorageConformance {
    /// One check. Throws ``Unmet`` if the driver behaves differently.
    package struct Check: Sendable, CustomStringConvertible {
        package let name: String
        /// Whether it requires that a write can be committed while a read is open.
        package let needsConcurrentReads: Bool
        /// Whether it makes no sense on a ``RehearsedDatabase``, because it counts how often bodies run.
        package let countsRuns: Bool
        let body: @Sendable (any Database) throws -> Void

        init(
            _ name: String, needsConcurrentReads: Bool = false, countsRuns: Bool = false,
            _ body: @escaping @Sendable (any Database) throws -> Void
        ) {
            self.name = name
            self.needsConcurrentReads = needsConcurrentReads
            self.countsRuns = countsRuns
            self.body = body
        }

        package var description: String { name }

        /// Runs the check on an empty database, and closes it.
        package func run(on database: any Database) throws {
            defer { database.close() }
            try database.migrate(StorageConformance.schema, now: Instant(seconds: 1_700_000_000))
            try body(database)
        }
    }

    /// A promise that a driver does not keep.
    package struct Unmet: Error, CustomStringConvertible {
        package let description: String
    }

    /// All checks. Run them on the plain database, and on a ``RehearsedDatabase`` around it.
    package static let checks = transactions + statements + lists + values + lifetimes

    static let schema = [
        Migration(
            1, "things",
            [
                """
                CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
                amount INTEGER NOT NULL CHECK (amount >= 0), note TEXT, data BLOB) STRICT
                """,
                "CREATE TABLE part (id INTEGER PRIMARY KEY, thing INTEGER NOT NULL REFERENCES thing (id)) STRICT",
                "CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL) STRICT",
                "CREATE TABLE keyed (key BLOB PRIMARY KEY, value TEXT) STRICT, WITHOUT ROWID",
            ])
    ]

    // MARK: What checks are written with

    static func expect(_ condition: Bool, _ text: String) throws {
        guard condition else { throw Unmet(description: text) }
    }

    static func expectEqual<T: Equatable>(_ left: T, _ right: T, _ text: String) throws {
        guard left == right else { throw Unmet(description: "\(text): \(left), expected \(right)") }
    }

    /// Returns the error that `work` throws.
    static func failure(_ text: String, of work: () throws -> Void) throws -> any Error {
        do {
            try work()
        } catch {
            return error
        }
        throw Unmet(description: "\(text): no error was thrown")
    }

    /// As ``failure(_:of:)``, but the error must be a violated constraint of the database.
    static func constraint(_ text: String, of work: () throws -> Void) throws {
        let error = try failure(text, of: work)
        guard case StorageError.constraint = error else {
            throw Unmet(description: "\(text): \(error), expected StorageError.constraint")
        }
    }

    static func insert(_ id: Int, _ name: String? = nil, amount: Int = 0) -> SQL {
        "INSERT INTO thing (id, name, amount) VALUES (\(id), \(name ?? "thing \(id)"), \(amount))"
    }

    static func count(_ database: any Database) throws -> Int {
        try database.read { try $0.value("SELECT COUNT(*) FROM thing") ?? -1 }
    }

    /// Runs `work` on `count` threads at once and waits for all; throws the first error.
    static func together(_ count: Int, _ work: @escaping @Sendable (Int) throws -> Void) throws {
        let group = DispatchGroup()
        let errors = Box<[any Error]>([])
        for number in 0..<count {
            group.enter()
            Thread {
                do { try work(number) } catch { errors.change { $0.append(error) } }
                group.leave()
            }.start()
        }
        group.wait()
        if let error = errors.value.first { throw error }
    }

    /// A variable shared by several threads.
    // Unchecked: only touched while the lock is held.
    final class Box<T>: @unchecked Sendable {
        private let lock = NSLock()
        private var content: T

        init(_ content: T) {
            self.content = content
        }

        var value: T { lock.withLock { content } }

        func change(_ body: (inout T) -> Void) {
            lock.withLock { body(&content) }
        }
    }
}
