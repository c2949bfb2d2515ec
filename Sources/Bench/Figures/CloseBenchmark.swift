import Accounting
import Foundation
import Hosting
import Ledger
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import TestKit
import Values

/// The close of a day with 100,000 accounts that are all owed something: chains, events and the seal. The reference is
/// a bare loop over the C interface that writes the same rows, but computes no hash and encodes no event.
enum CloseBenchmark {
    /// The number that `POPUG_BENCH_ACCOUNTS` gives, if it is set: for trying it out.
    static let accounts = ProcessInfo.processInfo.environment["POPUG_BENCH_ACCOUNTS"].flatMap { Int($0) } ?? 100_000
    static let batch = 1_000

    static func run() throws -> [Figure] {
        let ours = try Ours()
        let close = try seconds { try ours.close() }
        let raw = try Raw(ours)
        let reference = try seconds { try raw.close() }
        let each = { (seconds: Double) in String(format: "%.1f µs", seconds / Double(accounts) * 1e6) }
        return [
            .time("close of a day with \(accounts) accounts, all paid out", close, reference: reference, atMost: 4),
            .bound("  for each account: ours", each(close), met: true, aim: ""),
            .bound("  for each account: the bare loop", each(reference), met: true, aim: ""),
        ]
    }

    private final class Ours {
        let folder: TemporaryFolder
        let clock = SteppedClock()
        let database: SQLiteDatabase
        let host: ServiceHost
        let people: [ID]
        let day: Day

        init() throws {
            folder = try TemporaryFolder()
            database = try SQLiteDatabase(path: folder.path + "/accounting.sqlite", name: "accounting")
            let company = Company.test()
            let service = AccountingService(
                company: company, secret: [UInt8](repeating: 1, count: 32), codes: .trial,
                environment: clock.environment)
            host = ServiceHost(service, database: database, log: MemoryEventLog(), environment: clock.environment)
            try host.prepare()
            people = (0..<accounts).map { [clock] _ in clock.environment.newID() }
            day = company.calendar.day(of: clock.now)
            for start in stride(from: 0, to: accounts, by: batch) {
                let postings = people[start..<min(start + batch, accounts)].map { [clock] person in
                    Ledger.Posting(
                        id: clock.environment.newID(), account: person,
                        counterpart: Ledger.CompanyAccount("rewards"), amount: Cents(3_000), kind: "reward",
                        memo: Ledger.Memo(subject: person, title: "Feed the cat", reference: "POP-42"))
                }
                let (day, now) = (day, clock.now)
                try database.write { _ = try Ledger.post(postings, day: day, at: now, in: $0) }
            }
            clock.advance(seconds: 24 * 3600)
        }

        deinit { database.close() }

        /// Runs until the day is sealed. Publishing is the relay's work, and goes on at the same time.
        func close() throws {
            let jobs = host.parts.filter { $0.name.hasPrefix("job ") }
            while try !isSealed() {
                guard try jobs.contains(where: { try $0.turn() }) else {
                    throw RawError(message: "the day is not sealed, and nothing is left to do")
                }
            }
        }

        private func isSealed() throws -> Bool {
            let day = day
            return try database.read {
                try $0.fetchOne("SELECT day FROM day_close WHERE day = \(day) AND sealed_at IS NOT NULL") != nil
            }
        }
    }

    /// The same rows, made with as little work as possible.
    private final class Raw {
        let folder: TemporaryFolder
        let database: RawSQLite
        let clock = SteppedClock(seed: 2)
        let people: [[UInt8]]
        let day: Int64
        let hash = [UInt8](repeating: 7, count: 32)
        let event = [UInt8](repeating: 0x20, count: 250)

        init(_ ours: Ours) throws {
            folder = try TemporaryFolder()
            database = try RawSQLite(path: folder.path + "/raw.sqlite")
            people = ours.people.map(\.bytes)
            day = Int64(ours.day.number)
            for statement in ours.host.service.steps.flatMap(\.statements) { try database.execute(statement) }
            for start in stride(from: 0, to: accounts, by: batch) {
                try database.execute("BEGIN IMMEDIATE")
                for person in people[start..<min(start + batch, accounts)] {
                    try database.run(
                        "INSERT INTO account VALUES (?, 3000, ?, ?, ?, 0, 3000, 0, 1, ?, ?, 0)",
                        [.blob(person), .blob(person), .blob(hash), .integer(day), .blob(hash), .integer(day)])
                    try entry(person, "rewards", 3_000, "reward")
                    try database.run(
                        "INSERT INTO account_day VALUES (?, ?, 0, 3000, 0, 0, 3000, 1, ?, ?)",
                        [.blob(person), .integer(day), .blob(person), .blob(hash)])
                }
                try database.execute("COMMIT")
            }
        }

        func close() throws {
            for start in stride(from: 0, to: accounts, by: batch) {
                try database.execute("BEGIN IMMEDIATE")
                for person in people[start..<min(start + batch, accounts)] {
                    try entry(person, "payouts-clearing", -3_000, "payout")
                    try database.run(
                        "UPDATE account SET balance = 0, head = ?, head_hash = ?, day = ?, closed_hash = ? WHERE id = ?",
                        [.blob(person), .blob(hash), .integer(day + 1), .blob(hash), .blob(person)])
                    try database.run(
                        "UPDATE account_day SET paid = 3000, closing = 0, last = ?, last_hash = ? WHERE account = ? AND day = ?",
                        [.blob(person), .blob(hash), .blob(person), .integer(day)])
                    for name in ["payout-requested", "day-closed"] { try tell(name, of: person) }
                }
                try database.execute("COMMIT")
            }
        }

        private func entry(_ person: [UInt8], _ counterpart: String, _ amount: Int64, _ kind: String) throws {
            try database.run(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?)",
                [
                    .blob(clock.environment.newID().bytes), .blob(person), .text(counterpart), .integer(amount),
                    .blob(person), .integer(day), .integer(clock.now.milliseconds), .text(kind),
                    kind == "payout" ? .null : .blob(person), .text("Feed the cat"), .text("POP-42"), .blob(hash),
                ])
        }

        private func tell(_ name: String, of person: [UInt8]) throws {
            try database.run(
                "INSERT INTO journal VALUES (NULL, ?, ?, ?, NULL, ?, 1, ?, 'day-close', ?, ?, NULL, '', 0)",
                [
                    .blob(clock.environment.newID().bytes), .blob(person), .integer(Int64(person[15] % 16)),
                    .text(name),
                    .integer(clock.now.milliseconds), .blob(event), .blob(people[0]),
                ])
        }
    }
}
