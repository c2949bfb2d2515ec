import Foundation
import Storage
import Values

extension StorageConformance {
    private struct OwnError: Error, Equatable {}

    static let transactions: [Check] = [
        Check("What is committed is read afterwards") { database in
            try database.write { transaction in
                try transaction.send(insert(1))
                try expectEqual(try transaction.fetch("SELECT id FROM thing").count, 1, "own row, before the commit")
            }
            try expectEqual(try count(database), 1, "rows after the commit")
        },
        Check("An error of the body rolls back and is passed on") { database in
            let error = try failure("body") {
                try database.write { transaction in
                    try transaction.send(insert(1))
                    throw OwnError()
                }
            }
            try expect(error is OwnError, "another error came out: \(error)")
            try expectEqual(try count(database), 0, "rows")
            try database.write { try $0.send(insert(1)) }
            try expectEqual(try count(database), 1, "rows of the next transaction")
        },
        Check("A statement's error ends the transaction, even when it is swallowed") { database in
            try database.write { try $0.send(insert(1)) }
            let later = Box<[String]>([])
            try constraint("swallowed error") {
                try database.write { transaction in
                    try transaction.send(insert(2))
                    _ = try? transaction.change(insert(1))
                    do {
                        _ = try transaction.fetch("SELECT 1")
                        later.change { $0.append("fetch") }
                    } catch {}
                    do {
                        _ = try transaction.change(insert(3))
                        later.change { $0.append("change") }
                    } catch {}
                }
            }
            try expectEqual(later.value, [], "statements that ran after the error")
            try expectEqual(try count(database), 1, "rows")
        },
        Check("A statement that cannot be understood ends the transaction too") { database in
            _ = try failure("syntax") {
                try database.write { transaction in
                    try transaction.send(insert(1))
                    _ = try? transaction.fetch("SELEC nothing")
                }
            }
            try expectEqual(try count(database), 0, "rows")
        },
        Check("A send that fails late is never committed") { database in
            try constraint("send") {
                try database.write { transaction in
                    try transaction.send(insert(1))
                    try transaction.send(insert(1, "other"))
                }
            }
            try constraint("swallowed send") {
                try database.write { transaction in
                    try transaction.send(insert(1))
                    try? transaction.send(insert(1, "other"))
                    try? transaction.send(insert(2))
                }
            }
            try constraint("rows") {
                try database.write { transaction in
                    try transaction.send(
                        "INSERT INTO thing (id, name, amount) VALUES (?, ?, ?)",
                        rows: (1...100).map { [.integer($0), .text("name \($0 % 60)"), .integer(1)] })
                }
            }
            try expectEqual(try count(database), 0, "rows")
        },
        Check("A reading transaction cannot write") { database in
            _ = try failure("write in a read") {
                try database.read { _ = try $0.change(insert(1)) }
            }
            _ = try failure("send in a read") {
                try database.read { try? $0.send(insert(1)) }
            }
            try expectEqual(try count(database), 0, "rows")
        },
        Check("A reading transaction sees one snapshot", needsConcurrentReads: true) { database in
            try database.write { try $0.send(insert(1)) }
            let seen = try database.read { transaction in
                let before = try transaction.fetch("SELECT id FROM thing").count
                try database.write { try $0.send(insert(2)) }
                return [before, try transaction.fetch("SELECT id FROM thing").count]
            }
            try expectEqual(seen, [1, 1], "rows seen before and after another's commit")
            try expectEqual(try count(database), 2, "rows in the next transaction")
        },
        Check("A transaction that is over refuses to be used") { database in
            let kept = Box<(any Transaction)?>(nil)
            try database.write { transaction in kept.change { $0 = transaction } }
            _ = try failure("used after the end") { _ = try kept.value?.fetch("SELECT 1") }
        },
        Check("32 writers that read under a lock lose no increment") { database in
            try database.write { try $0.send(insert(1)) }
            try together(32) { _ in
                for _ in 0..<10 {
                    try database.write { transaction in
                        let rows = try transaction.fetchLocking("SELECT amount FROM thing WHERE id = 1")
                        let amount: Int = try rows[0](0)
                        try transaction.send("UPDATE thing SET amount = \(amount + 1) WHERE id = 1")
                    }
                }
            }
            let amount: Int? = try database.read { try $0.value("SELECT amount FROM thing WHERE id = 1") }
            try expectEqual(amount, 320, "the counter")
        },
        Check("Writers at once: those that fail don't touch the others") { database in
            let failed = Box(0)
            try together(32) { number in
                do {
                    try database.write { transaction in
                        try transaction.send(insert(number))
                        if number % 4 == 1 { throw OwnError() }
                        if number % 4 == 2 { _ = try transaction.change(insert(number, "again")) }
                    }
                } catch {
                    failed.change { $0 += 1 }
                }
            }
            try expectEqual(failed.value, 16, "writers that failed")
            let ids: [Int] = try database.read { try $0.fetch("SELECT id FROM thing ORDER BY id").map { try $0(0) } }
            try expectEqual(ids, (0..<32).filter { $0 % 4 == 0 || $0 % 4 == 3 }, "rows")
        },
        Check("A shared lock lets the row be read") { database in
            try database.write { try $0.send(insert(1, amount: 7)) }
            let amount: Int = try database.write { transaction in
                try transaction.fetchSharing("SELECT amount FROM thing WHERE id = 1")[0](0)
            }
            try expectEqual(amount, 7, "amount")
        },
    ]
}
