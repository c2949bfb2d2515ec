import Foundation
import Storage
import Values

extension StorageConformance {
    private static let now = Instant(seconds: 1_700_000_001)
    private static let later =
        schema + [
            Migration(
                2, "more", ["CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO more (id) VALUES (1)"]),
            Migration(
                3, "each in its words", ["INSERT INTO more (id) VALUES (2)"],
                only: [
                    .sqlite: ["INSERT INTO more (id) VALUES (10)"], .postgresql: ["INSERT INTO more (id) VALUES (10)"],
                ]),
        ]

    static let lifetimes: [Check] = [
        Check("Steps of the schema are done once each") { database in
            try database.migrate(schema, now: now)
            try database.migrate(later, now: now)
            try database.migrate(later, now: now)
            let ids: [Int] = try database.read { try $0.fetch("SELECT id FROM more ORDER BY id").map { try $0(0) } }
            try expectEqual(ids, [1, 2, 10], "rows that the steps made")
        },
        Check("Data of a newer version is refused") { database in
            try database.migrate(later, now: now)
            let error = try failure("older program") { try database.migrate(schema, now: now) }
            guard case StorageError.newer = error else { throw Unmet(description: "\(error), expected newer") }
        },
        Check("The kit's steps are done once each beside the service's own, also where those came first") { database in
            let kit = [
                Migration(1, "kit", ["CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY) STRICT"]),
                Migration(2, "kit, later", ["INSERT INTO kept (id) VALUES (7)"]),
            ]
            // As in a version that created the Kit's tables in the service's own step.
            let adopted =
                schema + [
                    Migration(2, "with the kit's", ["CREATE TABLE kept (id INTEGER PRIMARY KEY) STRICT"])
                ]
            try database.migrate(adopted, now: now)
            for _ in 1...2 { try database.migrate(adopted, kit: kit, now: now) }
            let ids: [Int] = try database.read { try $0.fetch("SELECT id FROM kept").map { try $0(0) } }
            try expectEqual(ids, [7], "rows that the kit's steps made")
            let steps: Int? = try database.read { try $0.value("SELECT COUNT(*) FROM migration") }
            try expectEqual(steps, 4, "steps")
            let error = try failure("older kit") { try database.migrate(adopted, kit: [kit[0]], now: now) }
            guard case StorageError.newer = error else { throw Unmet(description: "\(error), expected newer") }
        },
        Check("A step that fails leaves nothing, and can be done later") { database in
            let broken =
                schema + [
                    Migration(2, "bad", ["CREATE TABLE more (id INTEGER) STRICT", "INSERT INTO nowhere VALUES (1)"])
                ]
            _ = try failure("broken step") { try database.migrate(broken, now: now) }
            try database.migrate(later, now: now)
            let rows: Int? = try database.read { try $0.value("SELECT COUNT(*) FROM more") }
            try expectEqual(rows, 3, "rows that the steps made")
        },
        Check("Two that bring the schema up to date at once do each step once") { database in
            try together(4) { _ in try database.migrate(later, now: now) }
            let rows: Int? = try database.read { try $0.value("SELECT COUNT(*) FROM more") }
            try expectEqual(rows, 3, "rows that the steps made")
        },
        Check("The signal has moved when a write is answered") { database in
            for number in 1...20 {
                let before = database.commits.count
                try database.write { try $0.send(insert(number)) }
                try expect(database.commits.count > before, "the signal stood still at write \(number)")
            }
        },
        Check("A write that has changed nothing moves no signal: what looks for work would wake itself") { database in
            try database.write { try $0.send(insert(1)) }
            let before = database.commits.count
            try database.write { transaction in
                _ = try transaction.fetchLocking("SELECT id FROM thing WHERE id = 1")
                try transaction.send("UPDATE thing SET note = 'x' WHERE id = 99")
                _ = try transaction.change("DELETE FROM thing WHERE id = 99")
                try transaction.forEach("SELECT id FROM thing ORDER BY id") { _ in }
            }
            try database.write { _ in }
            try expectEqual(database.commits.count, before, "moves of the signal")
            try database.write { _ = try $0.fetch("DELETE FROM thing WHERE id = 1 RETURNING id") }
            try expect(database.commits.count > before, "the signal stood still at a write that gives back rows")
        },
        Check("What was changed quietly moves no signal, and something else beside it does") { database in
            try database.write { try $0.send(insert(1)) }
            let before = database.commits.count
            let changed = try database.write { transaction in
                _ = try transaction.fetch("SELECT id FROM thing WHERE id = 1")
                return try transaction.changeQuietly("UPDATE thing SET note = 'quiet' WHERE id = 1")
            }
            try expectEqual(changed, 1, "rows changed quietly")
            let none = try database.write { try $0.changeQuietly("UPDATE thing SET note = 'x' WHERE id = 99") }
            try expectEqual(none, 0, "rows changed quietly where there is none")
            try expectEqual(database.commits.count, before, "moves of the signal")
            try database.write { transaction in
                try transaction.send(insert(2))
                _ = try transaction.changeQuietly("UPDATE thing SET note = 'y' WHERE id = 1")
            }
            try expect(database.commits.count > before, "the signal stood still at a write that was not only quiet")
        },
        Check("Who waits for the signal is woken by a commit") { database in
            let seen = database.commits.count
            let woken = Box(false)
            let group = DispatchGroup()
            group.enter()
            Thread {
                let count = database.commits.wait(past: seen, atMost: 30)
                woken.change { $0 = count != seen }
                group.leave()
            }.start()
            try database.write { try $0.send(insert(1)) }
            group.wait()
            try expect(woken.value, "the waiter was not woken")
        },
        Check("close finishes what waits, then refuses", countsRuns: true) { database in
            let outcomes = Box<[Bool]>([])
            let group = DispatchGroup()
            for number in 0..<100 {
                group.enter()
                database.write {
                    try $0.send(insert(number))
                } then: { (result: Result<Void, any Error>) in
                    if case .success = result { outcomes.change { $0.append(true) } }
                    group.leave()
                }
            }
            database.close()
            group.wait()
            try expectEqual(outcomes.value.count, 100, "writes that were done")
            for work in [{ try database.write { _ in } }, { try database.read { _ in } }] as [() throws -> Void] {
                let error = try failure("after close", of: work)
                try expect(error as? StorageError == .closed, "\(error), expected closed")
            }
        },
    ]
}
