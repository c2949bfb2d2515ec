import Storage
import Values

extension StorageConformance {
    static let statements: [Check] = [
        Check("Each broken rule is a constraint error") { database in
            try database.write { try $0.send(insert(1)) }
            let broken: [(String, SQL)] = [
                ("primary key", insert(1, "other")), ("unique", insert(2, "thing 1")), ("check", insert(2, amount: -1)),
                ("not null", "INSERT INTO thing (id, amount) VALUES (2, 0)"),
                ("foreign key", "INSERT INTO part (id, thing) VALUES (1, 99)"),
                ("foreign key of a row in use", "DELETE FROM thing WHERE id = 1"),
            ]
            try database.write { try $0.send("INSERT INTO part (id, thing) VALUES (5, 1)") }
            for (name, sql) in broken {
                try constraint(name) { try database.write { _ = try $0.change(sql) } }
                try constraint("\(name), sent") { try database.write { try $0.send(sql) } }
            }
            try expectEqual(try count(database), 1, "rows")
        },
        Check("change says how many rows it changed") { database in
            let counts = try database.write { transaction in
                try transaction.send(
                    "INSERT INTO thing (id, name, amount) VALUES (?, ?, ?)",
                    rows: (1...5).map { [.integer($0), .text("\($0)"), .integer($0)] })
                return [
                    try transaction.change("UPDATE thing SET amount = 9 WHERE amount > 2"),
                    try transaction.change("UPDATE thing SET amount = 9 WHERE amount = 100"),
                    try transaction.change("DELETE FROM thing WHERE id IN (\(list: [1, 2]))"),
                    try transaction.change("DELETE FROM thing WHERE id IN (\(list: [Int]()))"),
                    try transaction.change(insert(6)),
                    try transaction.change("DELETE FROM thing"),
                    try transaction.change("DELETE FROM thing"),
                ]
            }
            try expectEqual(counts, [3, 0, 2, 0, 1, 4, 0], "counts")
        },
        Check("ON CONFLICT DO NOTHING counts what it did") { database in
            let counts = try database.write { transaction in
                [
                    try transaction.change(insert(1) + " ON CONFLICT DO NOTHING"),
                    try transaction.change(insert(1) + " ON CONFLICT DO NOTHING"),
                    try transaction.change(insert(2, "thing 1") + " ON CONFLICT (name) DO NOTHING"),
                    try transaction.fetch(insert(1) + " ON CONFLICT (id) DO NOTHING RETURNING id").count,
                    try transaction.fetch(insert(3) + " ON CONFLICT (id) DO NOTHING RETURNING id").count,
                ]
            }
            try expectEqual(counts, [1, 0, 0, 0, 1], "counts")
            try expectEqual(try count(database), 2, "rows")
        },
        Check("ON CONFLICT DO UPDATE … RETURNING gives the row as it is now") { database in
            let amounts: [Int] = try database.write { transaction in
                try (1...3).map { step in
                    let row = try transaction.fetchOne(
                        """
                        INSERT INTO thing (id, name, amount) VALUES (1, 'one', \(step))
                        ON CONFLICT (id) DO UPDATE SET amount = thing.amount + excluded.amount RETURNING amount
                        """)
                    return try row?(0) ?? -1
                }
            }
            try expectEqual(amounts, [1, 3, 6], "sums")
        },
        Check("A key that the database numbers grows") { database in
            let ids: [Int] = try database.write { transaction in
                try ["a", "b", "c"].map { name in
                    try transaction.value("INSERT INTO numbered (name) VALUES (\(name)) RETURNING id") ?? -1
                }
            }
            try expect(ids[0] > 0 && ids[0] < ids[1] && ids[1] < ids[2], "not growing: \(ids)")
        },
        Check("send with rows writes them all, in order; none is fine") { database in
            try database.write { transaction in
                try transaction.send(
                    "INSERT INTO thing (id, name, amount) VALUES (?, ?, ?)",
                    rows: (1...2_500).map { [.integer($0), .text("name \($0)"), .integer($0 * 2)] })
                try transaction.send("INSERT INTO thing (id, name, amount) VALUES (?, ?, ?)", rows: [])
                try transaction.send(
                    "UPDATE thing SET amount = amount * 10 + ? WHERE id = ?",
                    rows: [[.integer(1), .integer(1)], [.integer(2), .integer(1)]])
            }
            let sum: Int? = try database.read {
                try $0.value("SELECT CAST(SUM(amount) AS INTEGER) FROM thing WHERE id > 1")
            }
            try expectEqual(sum, 2_500 * 2_501 - 2, "sum")
            let first: Int? = try database.read { try $0.value("SELECT amount FROM thing WHERE id = 1") }
            try expectEqual(first, 212, "two updates in order")
        },
        Check("fetch after send sees what was sent") { database in
            let rows: [Int] = try database.write { transaction in
                try transaction.send(insert(1))
                try transaction.send("UPDATE thing SET amount = 5 WHERE id = 1")
                let before: Int = try transaction.value("SELECT amount FROM thing WHERE id = 1") ?? -1
                try transaction.send("UPDATE thing SET amount = 6 WHERE id = 1")
                return [before, try transaction.change("UPDATE thing SET amount = 7 WHERE amount = 6")]
            }
            try expectEqual(rows, [5, 1], "amount, then count")
        },
        Check("What was sent before, however much, takes no answer from what comes after") { database in
            try database.write { try $0.send(insert(1)) }
            // Drivers collect statements up to some limit, and send them together.
            for sent in Array(240...270) + [510, 511, 512, 513] {
                let rows: [[Value]] = (0..<sent).map { [.integer(Int64($0))] }
                let found = try database.write { transaction in
                    try transaction.send("UPDATE thing SET amount = ? WHERE id = 1", rows: rows)
                    let changed = try transaction.change("UPDATE thing SET amount = 7 WHERE id = 1")
                    try transaction.send("UPDATE thing SET amount = ? WHERE id = 1", rows: rows)
                    let amount: Int? = try transaction.value("SELECT amount FROM thing WHERE id = 1")
                    return [changed, amount ?? -1]
                }
                try expectEqual(found, [1, sent - 1], "changed, and amount, after \(sent) statements")
            }
        },
        Check("forEach hands over every row in order, and stops where its body throws") { database in
            struct Enough: Error {}
            try database.write { transaction in
                try transaction.send(
                    "INSERT INTO thing (id, name, amount) VALUES (?, ?, ?)",
                    rows: (1...3_000).map { [.integer($0), .text("\($0)"), .integer(0)] })
            }
            let isOrdered: Bool = try database.read { transaction in
                var expected = 0
                try transaction.forEach("SELECT id FROM thing ORDER BY id") { row in
                    expected += 1
                    if try row(0) != expected { throw Enough() }
                }
                // The transaction must be usable afterwards.
                return try expected == transaction.value("SELECT COUNT(*) FROM thing")
            }
            try expect(isOrdered, "rows missing")
            let error = try failure("throwing body") {
                try database.read { try $0.forEach("SELECT id FROM thing") { _ in throw Enough() } }
            }
            try expect(error is Enough, "another error came out: \(error)")
            let after: Int? = try database.read { transaction in
                try? transaction.forEach("SELECT id FROM thing") { _ in throw Enough() }
                return try transaction.value("SELECT COUNT(*) FROM thing")
            }
            try expectEqual(after, 3_000, "rows seen by the transaction whose walk was broken off")
            try expectEqual(try count(database), 3_000, "rows after a forEach that was broken off")
        },
        Check("Values and places must agree in number") { database in
            _ = try failure("one too few") {
                try database.write { transaction in
                    try transaction.send(insert(1))
                    _ = try transaction.fetch(
                        SQL(text: "SELECT id FROM thing WHERE id = ? AND name = ?", values: [.integer(1)]))
                }
            }
            try expectEqual(try count(database), 0, "rows")
        },
        Check("A thousand different statements work on one connection") { database in
            let sum: Int = try database.write { transaction in
                try transaction.send(insert(1, amount: 1))
                return try (1...1_000).reduce(0) { sum, number in
                    sum
                        + (try transaction.value(SQL(text: "SELECT amount FROM thing WHERE \(number) > 0", values: []))
                            ?? 0)
                }
            }
            try expectEqual(sum, 1_000, "sum")
        },
    ]
}
