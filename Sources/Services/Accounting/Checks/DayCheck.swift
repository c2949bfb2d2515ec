import Contracts
import Ledger
import Messaging
import ServiceKit
import Storage
import Values

/// Days: one close for each account and day (X26), the events about entries and closes, and every seal recomputed.
enum DayCheck {
    static let check = Check("accounting: days and seals") { snapshots, report in
        let transaction = try snapshots.of("accounting")
        try closes(transaction, &report)
        try events(transaction, &report)
        try seals(transaction, &report)
    }

    private static func closes(_ transaction: any Transaction, _ report: inout Findings) throws {
        let open = try OpenDay.shown(in: transaction)
        var expected = MultisetDigest()
        var problems: [String] = []
        let closing = try DayRecord.unsealed(in: transaction)?.day
        try transaction.forEach("SELECT id, opened_day, day FROM account") { row in
            let (id, opened, day): (ID, Day, Day) = (try row(0), try row(1), try row(2))
            // An account may be a day behind only while that day is being closed.
            if day > open || day < (closing ?? open) {
                problems.append("account \(id) stands on \(day), and the open day is \(open)")
            }
            guard opened <= day, day.number - opened.number < 100_000 else {
                problems.append("account \(id) was opened on \(opened) and stands on \(day)")
                return
            }
            for number in opened.number..<day.number { expected.add(CloseID.closed(id, on: Day(number: number))) }
        }
        var told = MultisetDigest()
        try transaction.forEach("SELECT id FROM journal WHERE name = \(DayClosed.name)") {
            told.add(try $0(0, as: ID.self))
        }
        report.count("closes of an account's day", told.count)
        for problem in problems { report.problem(problem) }
        if expected != told {
            report.problem("\(told.count) closes were told of, \(expected.count) were made, or they are not the same")
        }
    }

    /// Every entry equals its event: person, time, amount, and the balance after it (X60). Someone who changes an entry
    /// and recomputes its chain cannot change the event too: that needs the secret.
    private static func events(_ transaction: any Transaction, _ report: inout Findings) throws {
        var entries = MultisetDigest()
        var told = MultisetDigest()
        try EntryLine.booked(in: transaction) { entries.add($0) }
        try EntryLine.told(in: transaction) { told.add($0) }
        report.count("entries compared with their events", entries.count)
        guard entries != told else { return }
        var lines: [ID: EntryLine] = [:]
        var problems: [String] = []
        try EntryLine.told(in: transaction) { line in
            if lines.updateValue(line, forKey: line.entry) != nil { problems.append("\(line) was told twice") }
        }
        try EntryLine.booked(in: transaction) { line in
            guard let event = lines.removeValue(forKey: line.entry) else {
                return problems.append("\(line) has no event")
            }
            if event != line { problems.append("\(line); its event says: \(event)") }
        }
        for line in lines.values { problems.append("there is an event, and no entry: \(line)") }
        for problem in problems { report.problem(problem) }
    }

    private static func seals(_ transaction: any Transaction, _ report: inout Findings) throws {
        var accounts: [(id: ID, opened: Day)] = []
        try transaction.forEach("SELECT id, opened_day FROM account ORDER BY id") { row in
            accounts.append((try row(0), try row(1)))
        }
        // What each day changed; the ledger's own check has already verified it.
        var changes: [Day: [(account: ID, hash: [UInt8])]] = [:]
        try transaction.forEach("SELECT day, account, last_hash FROM account_day") { row in
            changes[try row(0), default: []].append((try row(1), try row(2)))
        }
        var records: [DayRecord] = []
        var before = Day(number: Int(Int32.max))
        while true {
            let slice = try DayRecord.before(before, limit: 1000, in: transaction)
            records += slice
            guard slice.count == 1000, let last = slice.last else { break }
            before = last.day
        }
        records.reverse()
        var published = try sealed(transaction)
        var heads: [ID: [UInt8]] = [:]
        var previous: DayRecord?
        var sealed: Int64 = 0
        for record in records {
            if let previous, previous.day.next != record.day {
                report.problem("after \(previous.day) the next closed day is \(record.day)")
            }
            for change in changes[record.day] ?? [] { heads[change.account] = change.hash }
            defer { previous = record }
            guard let stored = record.seal else { continue }
            var seal = DaySeal(day: record.day, after: previous?.seal)
            for account in accounts where account.opened <= record.day {
                seal.add(account: account.id, head: heads[account.id] ?? Ledger.genesis)
            }
            sealed += 1
            if seal.accounts != record.accounts || seal.finish() != stored {
                report.problem("the seal of \(record.day) does not fit the accounts as they stood at its close")
            }
            guard let event = published.removeValue(forKey: record.day) else {
                report.problem("the seal of \(record.day) was not published")
                continue
            }
            if event.seal != Hexadecimal.text(stored) || event.accounts != record.accounts {
                report.problem(
                    "the seal of \(record.day) over \(record.accounts) accounts is \(Hexadecimal.text(stored)); published "
                        + "was \(event.seal) over \(event.accounts)")
            }
        }
        for day in published.keys.sorted() { report.problem("a seal of \(day) was published, and is not kept") }
        report.count("sealed days", sealed)
    }

    /// The published seals. Each event has a code, which nobody can make with the database alone (X60).
    private static func sealed(_ transaction: any Transaction) throws -> [Day: DaySealed] {
        var published: [Day: DaySealed] = [:]
        try transaction.forEach(
            "SELECT \(Envelope.journalColumns) FROM journal WHERE refused = 0 AND name = \(DaySealed.name) ORDER BY position"
        ) { row in
            let envelope = try Envelope(journalRow: row, topic: .accounting)
            let event = try envelope.event(DaySealed.self)
            published[event.day] = event
        }
        return published
    }
}
