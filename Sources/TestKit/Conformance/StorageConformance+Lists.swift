import Storage
import Values

extension StorageConformance {
    private static let most = 1_030
    private static let counts = [0, 1, 2, 16, 17, 128, 129, 512, 513, most]

    private static func fill(_ database: any Database) throws {
        try database.write { transaction in
            try transaction.send(
                "INSERT INTO thing (id, name, amount) VALUES (?, ?, ?)",
                rows: (1...most).map { [.integer(Int64($0)), .text("thing \($0)"), .integer(0)] })
        }
    }

    /// Statements with lists: `IN (…)`.
    static let lists: [Check] = [
        Check("A list of any length gives each of its rows once, in its order, and makes few texts of statements") {
            database in
            try fill(database)
            var texts: Set<String> = []
            for count in counts {
                let wanted = Array((1...most).prefix(count))
                let (found, made) = try database.read { transaction in
                    var made: Set<String> = []
                    let rows = try transaction.fetch(in: wanted) { part in
                        let statement: SQL = "SELECT id FROM thing WHERE id IN (\(list: part)) ORDER BY id"
                        made.insert(statement.text)
                        return statement
                    }
                    return (try rows.map { try $0(0, as: Int.self) }, made)
                }
                try expectEqual(found, wanted, "rows of \(count)")
                texts.formUnion(made)
            }
            try expect(texts.count <= 4, "\(texts.count) texts")
        },
        Check("Rows that a list locks or shares come in its order, each once") { database in
            try fill(database)
            for count in counts {
                let wanted = Array((1...most).prefix(count))
                let (locked, shared) = try database.write { transaction in
                    (
                        try transaction.fetchLocking(in: wanted) {
                            "SELECT id FROM thing WHERE id IN (\(list: $0)) ORDER BY id"
                        }.map { try $0(0, as: Int.self) },
                        try transaction.fetchSharing(in: wanted) {
                            "SELECT id FROM thing WHERE id IN (\(list: $0)) ORDER BY id"
                        }.map { try $0(0, as: Int.self) }
                    )
                }
                try expectEqual(locked, wanted, "rows locked of \(count)")
                try expectEqual(shared, wanted, "rows shared of \(count)")
            }
        },
        Check("A list stands beside other values, and may hold texts or ids; nothing else is found") { database in
            try fill(database)
            let (least, amount) = (3, 0)
            let keys = (0..<20).map { ID(high: 7, low: $0) }
            let (names, found) = try database.write { transaction in
                try transaction.send(
                    "INSERT INTO keyed (key, value) VALUES (?, ?)", rows: keys.map { [$0.stored, .text("x")] })
                let names = try transaction.fetch(in: ["thing 3", "nothing", "thing 900"]) {
                    "SELECT name FROM thing WHERE id > \(least) AND name IN (\(list: $0)) AND amount = \(amount)"
                }
                let found = try transaction.fetch(in: keys + [ID(high: 8, low: 1)]) {
                    "SELECT key FROM keyed WHERE key IN (\(list: $0)) ORDER BY key"
                }
                return (try names.map { try $0(0, as: String.self) }, try found.map { try $0(0, as: ID.self) })
            }
            try expectEqual(names, ["thing 900"], "names")
            try expectEqual(found, keys, "keys")
        },
        Check("A list's parts change each row once") { database in
            try fill(database)
            let changed = try database.write { transaction in
                try SQL.parts(of: Array(1...600)).map {
                    try transaction.change("UPDATE thing SET amount = amount + 1 WHERE id IN (\(list: $0))")
                }
            }
            try expectEqual(changed, [512, 88], "rows changed")
            let twice: Int? = try database.read {
                try $0.value("SELECT COUNT(*) FROM thing WHERE amount <> CASE WHEN id <= 600 THEN 1 ELSE 0 END")
            }
            try expectEqual(twice, 0, "rows changed otherwise than once")
        },
    ]
}
