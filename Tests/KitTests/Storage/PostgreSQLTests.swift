import Foundation
import PostgreSQLDriver
import Storage
import TestKit
import Testing
import Values

@Suite("PostgreSQL: statements", .enabled(if: PostgreSQLFixture.isThere))
struct PostgreSQLTests {
    let fixture: PostgreSQLFixture
    var database: PostgreSQLDatabase { fixture.database }

    init() throws {
        fixture = try PostgreSQLFixture()
    }

    @Test("Every value comes back as it went in")
    func values() throws {
        try database.run("CREATE TABLE v (id BIGINT PRIMARY KEY, n BIGINT, t TEXT, b BYTEA)")
        let rows: [[Value]] = [
            [.integer(1), .integer(.min), .text(""), .blob([])],
            [.integer(2), .integer(.max), .text("Тест 🦜 'quoted' \"?\" \\x"), .blob([0, 255, 39, 92])],
            [.integer(3), .null, .null, .null],
            [
                .integer(4), .integer(-1), .text(String(repeating: "я", count: 100_000)),
                .blob(Array(repeating: 7, count: 1 << 20)),
            ],
        ]
        try database.write { try $0.send("INSERT INTO v (id, n, t, b) VALUES (?, ?, ?, ?)", rows: rows) }
        #expect(try database.read { try $0.fetch("SELECT id, n, t, b FROM v ORDER BY id").map(\.values) } == rows)
        let found = try database.read { transaction in
            try transaction.fetch("SELECT id FROM v WHERE b = \([0, 255, 39, 92] as [UInt8]) OR t = \("") ORDER BY id")
                .map(\.values)
        }
        #expect(found == [[.integer(1)], [.integer(2)]])
    }

    @Test("Sums, counts, truth and unnamed values are whole numbers and texts")
    func types() throws {
        let row = try database.read { transaction in
            try transaction.fetchOne(
                """
                SELECT SUM(x), COUNT(*), bool_and(x > 0), MAX(x), SUM(x * 1000000000000), SUM(-x), SUM(x - x),
                    CAST(SUM(x) * 10000 AS NUMERIC), \(7), \("seven"), 'literal', CAST(5 AS SMALLINT), \(Int?.none.stored) IS NULL
                FROM (VALUES (CAST(1 AS BIGINT)), (123456), (9000000)) AS numbers (x)
                """)
        }
        let expected: [Value] = [
            .integer(9_123_457), .integer(3), .integer(1), .integer(9_000_000), .integer(9_123_457_000_000_000_000),
            .integer(-9_123_457), .integer(0), .integer(91_234_570_000), .integer(7), .text("seven"), .text("literal"),
            .integer(5), .integer(1),
        ]
        #expect(row?.values == expected)
    }

    @Test("A number with decimals, or of more than 64 bits, is refused instead of bent")
    func refusedNumbers() throws {
        for text in ["1.5", "9223372036854775808", "-9223372036854775809", "1e30"] {
            #expect(throws: StorageError.self) {
                _ = try database.read { try $0.fetch(SQL(text: "SELECT CAST('\(text)' AS NUMERIC)", values: [])) }
            }
        }
        let least = try database.read { try $0.value("SELECT CAST('-9223372036854775808' AS NUMERIC)", as: Int64.self) }
        #expect(least == .min)
    }

    @Test("Any SQL error ends the transaction: later statements throw the same, and nothing is written")
    func errorEnds() throws {
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        #expect {
            try database.write { transaction in
                try transaction.send("INSERT INTO t VALUES (1)")
                // Pipelined: fails later.
                try transaction.send("INSERT INTO t VALUES (1)")
                try transaction.send("INSERT INTO t VALUES (2)")
                let first = #expect(throws: StorageError.self) { _ = try transaction.fetch("SELECT 1") }
                let second = #expect(throws: StorageError.self) { _ = try transaction.change("DELETE FROM t") }
                #expect(first == second)
            }
        } throws: { error in
            if case .constraint = error as? StorageError { true } else { false }
        }
        #expect(try database.number("SELECT COUNT(*) FROM t") == 0)
    }

    @Test("A pipelined failure that nothing has asked for comes out at the commit")
    func lateFailure() throws {
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY CHECK (id > 0))")
        #expect {
            try database.write { try $0.send("INSERT INTO t VALUES (0)") }
        } throws: { error in
            if case .constraint = error as? StorageError { true } else { false }
        }
        // The connection, its prepared statements and the next body are none the worse.
        for id in 1...5 { try database.run("INSERT INTO t VALUES (\(id))") }
        #expect(try database.number("SELECT COUNT(*) FROM t") == 5)
    }

    @Test("Ten thousand rows go down the pipeline, and a failure among them undoes all")
    func manyRows() throws {
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT)")
        let insert = "INSERT INTO t (id, name) VALUES (?, ?)"
        let rows = (1...10_000).map { [Value.integer($0), .text("name \($0)")] }
        try database.write { try $0.send(insert, rows: rows) }
        #expect(try database.number("SELECT COUNT(*) FROM t") == 10_000)
        #expect(try database.number("SELECT SUM(id) FROM t") == 50_005_000)
        #expect(throws: StorageError.self) {
            try database.write {
                try $0.send(insert, rows: (10_001...12_000).map { [.integer($0), .null] } + [rows[0]])
            }
        }
        #expect(try database.number("SELECT COUNT(*) FROM t") == 10_000)
    }

    @Test("forEach hands over all rows in slices, and its body's error leaves the transaction usable")
    func forEach() throws {
        try database.run("CREATE TABLE t AS SELECT * FROM generate_series(CAST(1 AS BIGINT), 3500) AS id")
        let (sum, again) = try database.read { transaction in
            var sum: Int64 = 0
            try transaction.forEach("SELECT id FROM t WHERE id > \(500) ORDER BY id") { sum += try $0(0) }
            struct Enough: Error {}
            var count = 0
            #expect(throws: Enough.self) {
                try transaction.forEach("SELECT id FROM t") { _ in
                    count += 1
                    if count == 10 { throw Enough() }
                }
            }
            try transaction.forEach("SELECT id FROM t LIMIT 5") { _ in count += 1 }
            return (sum, count)
        }
        #expect(sum == (501...3500).reduce(0, +))
        #expect(again == 15)
    }

    @Test("Reads see one snapshot and cannot write")
    func reads() throws {
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        let database = database
        let counts = try database.read { transaction in
            let before = try transaction.value("SELECT COUNT(*) FROM t", as: Int.self)
            // ON CONFLICT, because a body may be run again.
            try database.run("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING")
            return [before, try transaction.value("SELECT COUNT(*) FROM t", as: Int.self)]
        }
        #expect(counts == [0, 0])
        #expect {
            try database.read { _ = try $0.change("INSERT INTO t VALUES (2)") }
        } throws: { error in
            if case .readOnly = error as? StorageError { true } else { false }
        }
    }

    @Test("More statements than are kept prepared, with errors and changed tables in between")
    func statements() throws {
        let database = PostgreSQLFixture.open(fixture.connection) { $0.writers = 1 }
        defer { database.close() }
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY, a BIGINT)")
        for round in 0..<2 {
            for number in 0..<400 {
                let sql = SQL(text: "SELECT \(number) + CAST(? AS BIGINT)", values: [.integer(1)])
                #expect(try database.write { try $0.value(sql, as: Int.self) } == number + 1)
                if number.isMultiple(of: 50) {
                    let wrong = SQL(text: "SELECT \(number), nothing FROM t", values: [])
                    #expect(throws: StorageError.self) { try database.write { try $0.send(wrong) } }
                }
            }
            #expect(try database.write { try $0.fetch("SELECT * FROM t").count } == round)
            try database.run(
                SQL(text: "ALTER TABLE t ADD COLUMN more\(round) TEXT", values: []),
                "INSERT INTO t (id) VALUES (\(round))")
        }
        #expect(try database.write { try $0.fetchOne("SELECT * FROM t")?.values.count } == 4)
    }

    @Test("A null may stand where any type is asked for")
    func nulls() throws {
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY, a BIGINT, b BYTEA)")
        let found = try database.write { transaction in
            try transaction.send("INSERT INTO t VALUES (1, \(Int?.none.stored), \([UInt8]?.none.stored))")
            try transaction.send("INSERT INTO t VALUES (2, \(Int?.some(5).stored), \([UInt8]?.none.stored))")
            return try [Int?.none, 5].map { wanted in
                let wanted = wanted.stored
                return try transaction.fetch("SELECT id FROM t WHERE (\(wanted) IS NULL OR a = \(wanted))").count
            }
        }
        #expect(found == [2, 1])
    }

    @Test("SQLite's words in a schema become PostgreSQL's, and nothing else changes")
    func translation() {
        let table = """
            CREATE TABLE t (n INTEGER PRIMARY KEY AUTOINCREMENT, b BLOB NOT NULL DEFAULT x'00ff',
            r INTEGER REFERENCES u (id) ON DELETE RESTRICT, w TEXT DEFAULT 'INTEGER STRICT') STRICT, WITHOUT ROWID
            """
        let expected = """
            CREATE TABLE t (n BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, b BYTEA NOT NULL DEFAULT '\\x00ff',
            r BIGINT REFERENCES u (id) ON DELETE RESTRICT, w TEXT DEFAULT 'INTEGER STRICT')
            """
        #expect(PostgreSQLSchema.translated(table) == expected)
        let index = "CREATE UNIQUE INDEX i ON t (n, POINTER) WHERE n IS NOT NULL"
        #expect(PostgreSQLSchema.translated(index) == index)
        #expect(
            PostgreSQLSchema.translated("CREATE TABLE a (k BLOB PRIMARY KEY) WITHOUT ROWID;")
                == "CREATE TABLE a (k BYTEA PRIMARY KEY)")
    }
}
