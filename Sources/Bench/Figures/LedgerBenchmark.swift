import Foundation
import Ledger
import SQLiteDriver
import Storage
import TestKit
import Values

/// The ledger library alone: batches of 1,000 postings over 1,400 accounts, at 0 and at 3,000,000 entries. The
/// reference is a bare loop over the C interface that writes the same rows with the same indexes, at the same sizes.
enum LedgerBenchmark {
    static let accounts = 1_400
    static let batch = 1_000
    static let day = Day(number: 20_000)

    static func run() throws -> [Figure] {
        let ours = try Ours()
        let raw = try Raw()
        let first = try measure(ours, raw, batches: 60)
        try ours.fill(to: 3_000_000)
        try raw.fill(to: 3_000_000)
        let second = try measure(ours, raw, batches: 60)
        return [
            .rate(
                "ledger postings, batches of 1,000, at 0 entries", first.ours, unit: "/s", reference: first.raw,
                atLeast: 0.7),
            .rate(
                "ledger postings, batches of 1,000, at 3,000,000 entries", second.ours, unit: "/s",
                reference: second.raw,
                atLeast: 0.7),
            .rate(
                "ledger postings, at 3,000,000 beside at 0", second.ours, unit: "/s", reference: first.ours,
                atLeast: 0.9),
        ]
    }

    /// Ours and the reference in turn, so that changes in the machine's speed affect both; the median of each batch's
    /// rate.
    private static func measure(_ ours: Ours, _ raw: Raw, batches: Int) throws -> (ours: Double, raw: Double) {
        var oursSeconds: [Double] = []
        var rawSeconds: [Double] = []
        // Flush earlier writes now, so that this does not happen during the measurement.
        sync()
        for _ in 0..<batches {
            oursSeconds.append(try seconds { try ours.book() })
            rawSeconds.append(try seconds { try raw.book() })
        }
        return (Double(batch) / median(oursSeconds), Double(batch) / median(rawSeconds))
    }

    private final class Ours {
        let folder: TemporaryFolder
        let database: SQLiteDatabase
        let clock = SteppedClock()
        let people: [ID]
        var count = 0

        init() throws {
            folder = try TemporaryFolder()
            database = try SQLiteDatabase(path: folder.path + "/ledger.sqlite", name: "ledger")
            try database.migrate([Migration(1, "ledger", Ledger.schema)], now: clock.now)
            people = (0..<accounts).map { [clock] _ in clock.environment.newID() }
        }

        func book() throws {
            clock.advance(milliseconds: 1)
            let at = clock.now
            let postings = (0..<batch).map { index in
                Ledger.Posting(
                    id: clock.environment.newID(), account: people[(count * 7 + index * 13) % accounts],
                    counterpart: Ledger.CompanyAccount("fees"), amount: Cents(-1_500), kind: "fee",
                    memo: Ledger.Memo(subject: people[0], title: "Feed the cat", reference: "POP-42"))
            }
            try database.write { _ = try Ledger.post(postings, day: day, at: at, in: $0) }
            count += batch
        }

        func fill(to entries: Int) throws {
            while count < entries { try book() }
        }
    }

    /// The same rows, made with as little work as possible: no chain is computed, constant bytes take the place of the
    /// hash.
    private final class Raw {
        let folder: TemporaryFolder
        let database: RawSQLite
        let clock = SteppedClock(seed: 2)
        let people: [[UInt8]]
        let hash = [UInt8](repeating: 7, count: 32)
        var count = 0

        init() throws {
            folder = try TemporaryFolder()
            database = try RawSQLite(path: folder.path + "/raw.sqlite")
            for statement in Ledger.schema { try database.execute(statement) }
            people = (0..<accounts).map { [clock] _ in clock.environment.newID().bytes }
            for person in people {
                try database.run(
                    "INSERT INTO account VALUES (?, 0, NULL, ?, ?, 0, 0, 0, 0, ?, ?, 0)",
                    [
                        .blob(person), .blob(hash), .integer(Int64(day.number)), .blob(hash),
                        .integer(Int64(day.number)),
                    ])
            }
        }

        func book() throws {
            clock.advance(milliseconds: 1)
            try database.execute("BEGIN IMMEDIATE")
            var touched: Set<Int> = []
            for index in 0..<batch {
                let person = (count * 7 + index * 13) % accounts
                touched.insert(person)
                try database.run(
                    "INSERT INTO entry VALUES (?, ?, 'fees', -1500, ?, 0, ?, ?, 'fee', ?, ?, ?, NULL, NULL, NULL, ?)",
                    [
                        .blob(clock.environment.newID().bytes), .blob(people[person]), .blob(people[person]),
                        .integer(Int64(day.number)), .integer(clock.now.milliseconds), .blob(people[0]),
                        .text("Feed the cat"), .text("POP-42"), .blob(hash),
                    ])
            }
            for person in touched {
                try database.run(
                    "UPDATE account SET balance = ?, head = ?, head_hash = ?, debited = ?, operations = ? WHERE id = ?",
                    [.integer(1), .blob(people[person]), .blob(hash), .integer(1), .integer(1), .blob(people[person])])
                try database.run(
                    """
                    INSERT INTO account_day VALUES (?, ?, 0, 0, 0, 0, 0, 0, ?, ?) ON CONFLICT (account, day) DO UPDATE \
                    SET debited = excluded.debited, closing = excluded.closing, last = excluded.last, \
                    last_hash = excluded.last_hash
                    """,
                    [.blob(people[person]), .integer(Int64(day.number)), .blob(people[person]), .blob(hash)])
            }
            try database.run(
                """
                INSERT INTO company_sum VALUES ('fees', ?, 0, 0, 1, 1) ON CONFLICT (name, day, lane) DO UPDATE \
                SET credit = credit + 1
                """, [.integer(Int64(day.number))])
            try database.execute("COMMIT")
            count += batch
        }

        func fill(to entries: Int) throws {
            while count < entries { try book() }
        }
    }
}
