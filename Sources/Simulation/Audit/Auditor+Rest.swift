import Composition
import Hosting
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Values

/// What must be true on the disks once everything is quiet.
extension Auditor {
    /// An admin according to Identity's own data.
    func admin() -> ID? {
        model.people.filter { $0.value.active && $0.value.roles.contains("admin") }.keys.sorted().first
    }

    func checkAtRest(_ exchange: Exchange, everImported: [String: Int]) throws {
        try follow()
        try checkDebts()
        try checkTasks(everImported)
        try checkAccounts()
        try checkPayouts()
        try checkLetters()
        try checkFigures("at rest")
        try checkDirectories()
        try checkDays()
        try verify(exchange)
    }

    /// Nothing is owed except what an admin gave up.
    private func checkDebts() throws {
        for id in model.order {
            guard let task = model.tasks[id],
                let left = task.owed.first(where: { !model.discarded.contains($0.event) })
            else { continue }
            throw Finding("task \(id): \(left) was never booked (X40)")
        }
        if let (person, sum) = model.requested.min(by: { $0.key < $1.key }) {
            throw Finding("a payout of \(sum) to \(person) was requested without a close")
        }
    }

    private func checkTasks(_ everImported: [String: Int]) throws {
        let rows = try look("tracker") { try $0.fetch("SELECT id, assignee, status FROM task ORDER BY position") }
        guard rows.count == model.order.count else {
            throw Finding("\(rows.count) tasks are stored, and \(model.order.count) were told of (X40)")
        }
        for (row, id) in zip(rows, model.order) {
            guard let task = model.tasks[id], try row(0, as: ID.self) == id, try row(1, as: ID.self) == task.assignee,
                try row(2, as: Bool.self) == (task.completedBy != nil)
            else { throw Finding("task \(id) is stored as \(row.values), and should be \(model.tasks[id] as Any)") }
        }
        var imported: [String: Int] = [:]
        for task in model.tasks.values where task.title.hasPrefix("Imported ") { imported[task.title, default: 0] += 1 }
        for (title, count) in imported where count > everImported[title] ?? 0 {
            throw Finding(
                "\(title) was imported \(count) times, and stands \(everImported[title] ?? 0) times in a file (X19)")
        }
        for (title, count) in model.imported where count > imported[title] ?? 0 {
            throw Finding(
                "\(title) stands \(count) times in an imported file, and is a task \(imported[title] ?? 0) times (X19)")
        }
    }

    /// Balances, entries and the company's sums, each calculated again from the entries and transfers.
    func checkAccounts() throws {
        let (accounts, entries, company, transfers) = try look("accounting") { transaction in
            (
                try transaction.fetch("SELECT id, balance, day FROM account ORDER BY id"),
                try transaction.fetch("SELECT account, amount, counterpart, day FROM entry ORDER BY id"),
                try transaction.fetch("SELECT name, day, SUM(debit), SUM(credit) FROM company_sum GROUP BY name, day"),
                try transaction.fetch("SELECT source, target, amount, day FROM company_transfer")
            )
        }
        var sums: [ID: Int64] = [:]
        var sides: [String: Int64] = [:]
        for row in entries {
            sums[try row(0), default: 0] += try row(1)
            sides["\(try row(2, as: String.self)) \(try row(3, as: Int.self))", default: 0] += try row(1)
        }
        for row in transfers {
            let (amount, day): (Int64, Int) = (try row(2), try row(3))
            sides["\(try row(0, as: String.self)) \(day)", default: 0] += amount
            sides["\(try row(1, as: String.self)) \(day)", default: 0] -= amount
        }
        guard sides.values.reduce(0, +) == sums.values.reduce(0, +) else { throw Finding("the ledger is not balanced") }
        for row in accounts {
            let (id, balance, day): (ID, Int64, Int) = (try row(0), try row(1), try row(2))
            let expected = model.accounts[id]?.balance ?? 0
            guard balance == expected, sums[id] ?? 0 == expected else {
                throw Finding("account \(id): stored \(balance), entries \(sums[id] ?? 0), should be \(expected)")
            }
            guard day <= model.openDay else { throw Finding("account \(id) stands on a day to come") }
        }
        guard model.accounts.count <= accounts.count else { throw Finding("accounts are missing") }
        for row in company {
            let key = "\(try row(0, as: String.self)) \(try row(1, as: Int.self))"
            let balance: Int64 = try row(2, as: Int64.self) - row(3, as: Int64.self)
            guard balance == sides[key] ?? 0 else {
                throw Finding("company account \(key): \(balance), and its entries sum up to \(sides[key] ?? 0)")
            }
        }
    }

    /// Every service knows people as Identity does, except for events that were given up.
    private func checkDirectories() throws {
        for service in Services.names where service != "identity" {
            let excused = try look(service) { transaction in
                Set(
                    try transaction.fetch("SELECT key FROM parked WHERE topic = 'identity'").map {
                        try $0(0, as: ID.self)
                    })
            }
            for (id, person) in model.people where !excused.contains(id) {
                let standing = try standing(of: id, in: service)
                guard let standing, standing.active == person.active, standing.roles == person.roles, !standing.denied
                else {
                    throw Finding("\(service) knows \(id) as \(standing as Any), and is \(person) (X5)")
                }
            }
        }
    }

    /// The open day is the clock's day, or the clock has gone back; all days before it are sealed.
    private func checkDays() throws {
        let today = day(of: world.time)
        guard model.openDay >= today else {
            throw Finding("open is \(Day(number: model.openDay)), and it is \(Day(number: today)) (X26)")
        }
        if let first = model.sealed.min() {
            for day in first..<model.openDay where !model.sealed.contains(day) {
                throw Finding("\(Day(number: day)) was never sealed")
            }
        }
    }

    /// Runs the checks of `popug verify` on the disks as they are: nothing moves any more.
    private func verify(_ exchange: Exchange) throws {
        let services = exchange.hosts.map(\.service)
        let disks = try Services.names.map { try world.disk($0) }
        let outcomes = try Auditor.reading(disks[...], Opened()) { opened in
            Verification.run(
                services: services, snapshots: Snapshots(opened.transactions), extra: Exchange.checks(of: services))
        }
        for outcome in outcomes {
            if let problem = outcome.problems.first {
                throw Finding("verify, \(outcome.service), \(outcome.check): \(problem)")
            }
        }
        for name in Services.names where name != "identity" {
            let waiting = try look(name) { try Parked.counts(in: $0).reduce(0) { $0 + $1.events } }
            guard waiting == 0 else { throw Finding("\(name): \(waiting) events are parked that can be applied (X42)") }
        }
    }

    // Unchecked: used on one thread while the transactions are open.
    private final class Opened: @unchecked Sendable {
        var transactions: [String: any Transaction] = [:]
    }

    /// Reads several disks at once.
    private static func reading<T: Sendable>(
        _ disks: ArraySlice<SQLiteDatabase>, _ opened: Opened, _ body: @escaping @Sendable (Opened) throws -> T
    ) throws -> T {
        guard let disk = disks.first else { return try body(opened) }
        return try disk.read { transaction in
            opened.transactions[disk.name] = transaction
            return try reading(disks.dropFirst(), opened, body)
        }
    }
}
