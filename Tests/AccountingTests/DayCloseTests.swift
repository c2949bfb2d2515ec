import Accounting
import Contracts
import Directory
import Hosting
import Ledger
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Synchronization
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Day close", .onEachDatabase)
struct DayCloseTests {
    let fixture: AccountingFixture

    init() throws {
        fixture = try AccountingFixture()
    }

    /// One person above zero, one below, one at zero.
    func work(_ fixture: AccountingFixture) throws -> (rich: ID, poor: ID, idle: ID) {
        let (rich, poor, idle) = (try fixture.person("Rich"), try fixture.person("Poor"), try fixture.person("Idle"))
        for _ in 0..<3 { try fixture.complete(try fixture.create(rich), by: rich) }
        _ = try fixture.create(poor)
        try fixture.rest()
        return (rich, poor, idle)
    }

    @Test("X26: a positive balance is paid out to zero and shown, any other is carried over, each account closed once")
    func close() throws {
        let people = try work(fixture)
        let day = try fixture.openDay()
        let (before, debt) = (try fixture.balance(people.rich), try fixture.balance(people.poor))
        #expect(before > .zero && debt < .zero)
        fixture.clock.advance(seconds: 86_400)
        try fixture.rest()
        #expect(try fixture.openDay() == day.next)
        #expect(try fixture.balance(people.rich) == .zero)
        #expect(try fixture.balance(people.poor) == debt)
        let payouts = try fixture.events(PayoutRequested.self)
        #expect(payouts.map(\.sum) == [before] && payouts.first?.person == people.rich)
        let closes = try fixture.events(DayClosed.self)
        #expect(Set(closes.map(\.person)) == [people.rich, people.poor, people.idle] && closes.count == 3)
        let rich = try #require(closes.first { $0.person == people.rich })
        #expect(rich.closing == before && rich.paid == before && rich.operations == 6 && rich.opening == .zero)
        let entry = try fixture.database.read { try Ledger.statement(of: people.rich, day: day, limit: 1, in: $0) }
        #expect(entry.first?.kind == "payout" && entry.first?.id == payouts.first?.payout)
        let sealed = try fixture.events(DaySealed.self)
        #expect(sealed.count == 1 && sealed.first?.accounts == 3 && sealed.first?.operations == 7)
        #expect(try fixture.problems() == [])
    }

    @Test("X26: days missed while the system was down are closed in order")
    func missedDays() throws {
        _ = try work(fixture)
        let first = try fixture.openDay()
        fixture.clock.advance(seconds: 5 * 86_400)
        try fixture.rest()
        #expect(try fixture.events(DaySealed.self).map(\.day) == (0..<5).map { first.adding(days: $0) })
        #expect(try fixture.events(DayClosed.self).count == 15)
        #expect(try fixture.problems() == [])
    }

    @Test("X25: what arrives before the sweep reaches an account closes it first, and belongs to the new day")
    func bookingFirst() throws {
        let people = try work(fixture)
        let day = try fixture.openDay()
        fixture.clock.advance(seconds: 86_400)
        let job = try #require(fixture.service.jobs.first)
        // The open day has moved, and no account is swept yet.
        _ = try job.step(fixture.database, fixture.clock.environment)
        #expect(try fixture.openDay() == day.next)
        _ = try fixture.create(people.rich)
        for _ in 0..<3 {
            for host in fixture.publishers { _ = try host.step() }
        }
        try fixture.rest()
        let account = try fixture.account(people.rich)
        #expect(account.day == day.next && account.operations == 1 && account.balance < .zero)
        #expect(try fixture.events(DayClosed.self).count == 3)
        #expect(try fixture.problems() == [])
    }

    @Test("X26: a day more than seven after the open one waits for a person's word; bookings go on meanwhile")
    func suspicious() throws {
        let people = try work(fixture)
        let accountant = try fixture.person("Lee", roles: [Role.accountant])
        try fixture.rest()
        let day = try fixture.openDay()
        fixture.clock.advance(seconds: 8 * 86_400)
        try fixture.rest()
        #expect(try fixture.openDay() == day)
        let before = try fixture.balance(people.poor)
        _ = try fixture.create(people.poor)
        try fixture.rest()
        #expect(try fixture.balance(people.poor) < before)
        #expect(try fixture.events(DayClosed.self).isEmpty)

        let target = "/api/day-closes/\(day.adding(days: 8))/confirmation"
        #expect(fixture.get("/close", as: accountant).text.contains("\(day.adding(days: 8))/confirm\""))
        #expect(fixture.get("/accounting/fragments/waiting/close", as: accountant).text.contains("count trouble\">1<"))
        // What it does and pays is said first.
        let asked = fixture.get("/close/\(day.adding(days: 8))/confirm", as: accountant)
        #expect(asked.text.contains("action=\"/close/\(day.adding(days: 8))/confirmation\""))
        let rich = Format(language: .english, company: fixture.company).money(try fixture.balance(people.rich))
        #expect(asked.text.contains("\(rich) \(fixture.company.currency)"))
        #expect(fixture.get("/close/\(day.adding(days: 9))/confirm", as: accountant).status == 409)
        #expect(fixture.post(target, "", as: people.rich).status == 403)
        #expect(fixture.post("/api/day-closes/\(day.adding(days: 9))/confirmation", "", as: accountant).status == 409)
        #expect(fixture.post(target, "", as: accountant, key: "k2").status == 201)
        try fixture.rest()
        #expect(try fixture.openDay() == day.adding(days: 8))
        #expect(try fixture.events(DaySealed.self).count == 8)
        #expect(fixture.post(target, "", as: accountant, key: "k3").status == 409)
        #expect(!fixture.get("/accounting/fragments/waiting/close", as: accountant).text.contains("count trouble"))
        #expect(try fixture.problems() == [])
    }

    @Test("X26: a day that was confirmed on the page is named by the next one")
    func confirmedByForm() throws {
        _ = try work(fixture)
        let accountant = try fixture.person("Lee", roles: [Role.accountant])
        try fixture.rest()
        let day = try fixture.openDay()
        fixture.clock.advance(seconds: 8 * 86_400)
        let done = fixture.submit("/close/\(day.adding(days: 8))/confirmation", "", as: accountant)
        #expect(done.status == 303 && done.header("location") == "/close")
        let format = Format(language: .english, company: fixture.company)
        let said = try #require(fixture.said(done))
        #expect(said.contains(format.day(day)) && said.contains(format.day(day.adding(days: 8))))
        try fixture.rest()
        let page = fixture.get("/close", as: accountant).text
        #expect(page.contains("id=\"day-\(day)\"") && page.contains("data-copy"))
        let seal = try #require(try fixture.events(DaySealed.self).first?.seal)
        #expect(page.contains(">\(seal)<"))
    }

    @Test("X26: seven days are not too many")
    func sevenDays() throws {
        let day = try fixture.openDay()
        fixture.clock.advance(seconds: 7 * 86_400)
        try fixture.rest()
        #expect(try fixture.openDay() == day.adding(days: 7))
    }

    @Test("X26: a clock ten years ahead closes nothing; set right again, everything goes on")
    func tenYears() throws {
        let people = try work(fixture)
        let (day, before, now) = (try fixture.openDay(), try fixture.balance(people.rich), fixture.clock.now)
        fixture.clock.set(now.adding(seconds: 3652 * 86_400))
        try fixture.rest()
        #expect(try fixture.openDay() == day)
        #expect(try fixture.balance(people.rich) == before)
        fixture.clock.set(now.adding(seconds: 86_400))
        try fixture.rest()
        #expect(try fixture.openDay() == day.next)
        #expect(try fixture.balance(people.rich) == .zero)
    }

    @Test("X26: a close that is started twice, in turns, is one close")
    func twice() throws {
        let people = try work(fixture)
        let other = AccountingService(
            company: fixture.company, secret: AccountingFixture.secret, codes: .trial,
            environment: fixture.clock.environment)
        fixture.clock.advance(seconds: 3 * 86_400)
        let jobs = [try #require(fixture.service.jobs.first), try #require(other.jobs.first)]
        for turn in 0..<100 { _ = try jobs[turn % 2].step(fixture.database, fixture.clock.environment) }
        try fixture.rest()
        #expect(try fixture.events(DaySealed.self).count == 3)
        #expect(try fixture.events(PayoutRequested.self).count == 1)
        #expect(try fixture.balance(people.rich) == .zero)
        #expect(try fixture.problems() == [])
    }

    private struct Crash: Error {}

    @Test("X26: a crash at any statement or commit of the close, answer lost or not, leaves exactly one close")
    func crashes() throws {
        // How PostgreSQL dies is for the suites with real servers.
        guard !TestDatabase.isOnPostgreSQL else { return }
        let reference = try AccountingFixture()
        _ = try work(reference)
        reference.clock.advance(seconds: 2 * 86_400)
        try reference.rest()
        let seals = try reference.events(DaySealed.self).map(\.seal)
        #expect(seals.count == 2)
        var point = 0
        while true {
            let fixture = try AccountingFixture()
            _ = try work(fixture)
            fixture.clock.advance(seconds: 2 * 86_400)
            let left = Mutex(point)
            fixture.faults.set { _ in
                let now = left.withLock { left in
                    left -= 1
                    return left
                }
                if now == -1 { throw Crash() }
            }
            let job = try #require(fixture.service.jobs.first)
            var crashed = false
            do {
                while try job.step(fixture.database, fixture.clock.environment) == .more {}
            } catch is Crash {
                crashed = true
            }
            fixture.faults.set(nil)
            try fixture.rest()
            #expect(try fixture.events(DaySealed.self).map(\.seal) == seals, "crashed at point \(point)")
            #expect(try fixture.problems() == [])
            guard crashed else { break }
            point += 1
        }
        #expect(point > 40)
    }

    @Test("X26: the seal of a day shows a changed head")
    func seal() throws {
        let people = try work(fixture)
        fixture.clock.advance(seconds: 86_400)
        try fixture.rest()
        try fixture.database.write {
            try $0.send(
                "UPDATE account_day SET last_hash = \([UInt8](repeating: 9, count: 32)) WHERE account = \(people.poor)")
        }
        #expect(try fixture.problems().contains { $0.contains("the seal of") })
    }

    @Test(
        "X26: a day ends at the closing hour of the company's time zone, on days of 23 and 25 hours too",
        arguments: [
            ("Europe/Berlin", 0, "2026-03-29T10:00:00Z", "2026-03-29T22:00:00Z"),
            ("Europe/Berlin", 0, "2026-10-25T10:00:00Z", "2026-10-25T23:00:00Z"),
            ("America/New_York", 18, "2026-03-08T12:00:00Z", "2026-03-08T22:00:00Z"),
            ("America/New_York", 18, "2026-11-01T12:00:00Z", "2026-11-01T23:00:00Z"),
            ("Asia/Kolkata", 0, "2026-06-01T10:00:00Z", "2026-06-01T18:30:00Z"),
        ])
    func clockChange(zone: String, hour: Int, start: String, end: String) throws {
        let fixture = try AccountingFixture(zone: zone, closingHour: hour, start: try Instant(at: start))
        let (end, day) = (try Instant(at: end), try fixture.openDay())
        fixture.clock.set(end.adding(milliseconds: -1))
        try fixture.rest()
        #expect(try fixture.openDay() == day)
        fixture.clock.set(end)
        try fixture.rest()
        #expect(try fixture.openDay() == day.next)
    }

    @Test("X26: random days of work and closes agree with a plain model", arguments: 1...5)
    func model(seed: Int) throws {
        let fixture = try AccountingFixture(seed: UInt64(seed))
        var random = SplitMix64(seed: UInt64(seed))
        let people = try (0..<5).map { try fixture.person("P\($0)") }
        var held: [(task: ID, by: ID)] = []
        try fixture.rest()
        var paid: [ID: Cents] = [:]
        for _ in 0..<30 {
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let person = people[Int.random(in: 0..<5, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where !held.isEmpty:
                    let index = Int.random(in: 0..<held.count, using: &random)
                    try fixture.reassign(held[index].task, from: held[index].by, to: person)
                    held[index].by = person
                case 1, 2:
                    if let task = held.popLast() { try fixture.complete(task.task, by: task.by) }
                default: held.append((try fixture.create(person), person))
                }
            }
            try fixture.rest()
            for person in people where try fixture.balance(person) > .zero {
                paid[person] = try fixture.balance(person)
            }
            let (before, sealed) = (try fixture.events(PayoutRequested.self).count, try fixture.openDay())
            fixture.clock.advance(seconds: Int64.random(in: 1...2, using: &random) * 86_400)
            try fixture.rest()
            let payouts = try fixture.events(PayoutRequested.self).dropFirst(before)
            #expect(Dictionary(uniqueKeysWithValues: payouts.map { ($0.person, $0.sum) }) == paid)
            #expect(payouts.allSatisfy { $0.day == sealed })
            paid = [:]
        }
        #expect(try fixture.problems() == [])
    }
}
