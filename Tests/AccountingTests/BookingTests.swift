import Accounting
import Contracts
import Directory
import Foundation
import Ledger
import Messaging
import SQLiteDriver
import Storage
import TestKit
import TestTraits
import Testing
import Values

@Suite("Bookings", .onEachDatabase)
struct BookingTests {
    let fixture: AccountingFixture

    init() throws {
        fixture = try AccountingFixture()
    }

    @Test("X20: everyone on the staff has an account from registration on, and nobody else")
    func accounts() throws {
        let staff = try fixture.person()
        let boss = try fixture.person("Boss", roles: [Role.boss])
        let stranger = try fixture.person("Guest", roles: ["supplier"])
        try fixture.rest()
        #expect(try fixture.balance(staff) == .zero)
        #expect(try fixture.balance(boss) == .zero)
        #expect(try fixture.database.read { try Ledger.account(stranger, in: $0) } == nil)
    }

    @Test("X22: creation and each reassignment cost the fee, completion brings the reward, nobody is refunded")
    func charges() throws {
        let (ada, bob) = (try fixture.person("Ada"), try fixture.person("Bob"))
        let task = try fixture.create(ada)
        try fixture.reassign(task, from: ada, to: bob)
        try fixture.complete(task, by: bob)
        try fixture.rest()
        let priced = try #require(try fixture.events(TaskPriced.self).first)
        #expect(try fixture.balance(ada) == Cents.zero.minus(priced.fee))
        #expect(try fixture.balance(bob) == priced.reward.minus(priced.fee))
        #expect(try fixture.events(TaskPriced.self).count == 1)
        #expect(try fixture.problems() == [])
    }

    @Test("X52: the events tell the task's title as it was, the sum and the balance after")
    func events() throws {
        let ada = try fixture.person("Ada")
        let task = try fixture.create(ada, title: "Feed the cat", jiraID: "POP-42")
        try fixture.complete(task, by: ada)
        try fixture.rest()
        let charged = try #require(try fixture.events(EmployeeCharged.self).first?.operation)
        let rewarded = try #require(try fixture.events(EmployeeRewarded.self).first?.operation)
        #expect(charged.title == "Feed the cat" && charged.jiraID == "POP-42" && charged.task == task)
        #expect(try charged.balance == Cents.zero.minus(charged.sum))
        #expect(try rewarded.balance == charged.balance.plus(rewarded.sum))
        #expect(charged.day == fixture.company.calendar.day(of: fixture.clock.now))
    }

    @Test("X23: an account is opened by whichever event mentions its person first")
    func unknownPerson() throws {
        let somebody = fixture.clock.environment.newID()
        _ = try fixture.create(somebody)
        try fixture.rest()
        #expect(try fixture.balance(somebody) < .zero)
        #expect(try fixture.problems() == [])
    }

    @Test("X40: the same delivery again, in whatever batch, changes nothing")
    func again() throws {
        let ada = try fixture.person("Ada")
        let task = try fixture.create(ada)
        try fixture.complete(task, by: ada)
        try fixture.rest()
        let before = try fixture.account(ada)
        let envelopes = try fixture.tracker.read { transaction in
            try transaction.fetch(
                "SELECT id, key, name, version, time, data, partition, number FROM journal ORDER BY position"
            ).map { row in
                Envelope(
                    id: try row(0), topic: "tracker", name: try row(2), version: try row(3), key: try row(1),
                    time: try row(4), trace: "again", data: try row(5), partition: try row(6), number: try row(7))
            }
        }
        let reaction = try #require(fixture.service.reactions.first { $0.topic == .tracker })
        for batch in [envelopes, envelopes + envelopes, Array(envelopes.reversed())] {
            try fixture.database.write { try reaction.apply(batch, $0) }
        }
        #expect(try fixture.account(ada) == before)
        #expect(try fixture.problems() == [])
    }

    @Test("X41: the events of one person are in the order of the account's entries")
    func order() throws {
        let people = try (0..<3).map { try fixture.person("P\($0)") }
        for index in 0..<40 {
            let task = try fixture.create(people[index % 3])
            if index % 2 == 0 { try fixture.complete(task, by: people[index % 3]) }
        }
        try fixture.rest()
        for person in people {
            let told = try fixture.database.read { transaction in
                try transaction.fetch(
                    """
                    SELECT id FROM journal WHERE key = \(person) AND (name = 'employee-charged'
                    OR name = 'employee-rewarded') ORDER BY position
                    """
                ).map { try $0(0, as: ID.self) }
            }
            let day = try fixture.openDay()
            let statement = try fixture.database.read {
                try Ledger.statement(of: person, day: day, limit: 1000, in: $0)
            }
            #expect(told == statement.map(\.id).reversed())
        }
    }

    @Test("X42: an event that makes no sense is parked, the others of its batch are booked, and verify counts it apart")
    func parked() throws {
        let ada = try fixture.person("Ada")
        let task = try fixture.create(ada)
        try fixture.tracker.write { transaction in
            try transaction.send("UPDATE journal SET data = \(Array("{}".utf8)) WHERE key = \(task)")
            try Journal(topic: .tracker).retell(in: transaction)
        }
        _ = try fixture.create(ada)
        try fixture.rest()
        #expect(try fixture.value("SELECT COUNT(*) FROM parked") == 1)
        #expect(try fixture.value("SELECT COUNT(*) FROM entry") == 1)
    }

    @Test("verify finds what is missing, what is too much, and what is on the wrong account")
    func verifies() throws {
        let (ada, bob) = (try fixture.person("Ada"), try fixture.person("Bob"))
        let task = try fixture.create(ada)
        try fixture.rest()
        #expect(try fixture.problems() == [])
        try fixture.tracker.write {
            try $0.send("UPDATE journal SET id = \(ID(high: 7, low: 7)) WHERE key = \(task)")
        }
        #expect(try fixture.problems().contains { $0.contains("was not booked") })
        #expect(try fixture.problems().contains { $0.contains("has no event") })
        try fixture.database.write { try $0.send("UPDATE entry SET account = \(bob)") }
        #expect(try fixture.problems().count > 2)
        try fixture.database.write { try $0.send("UPDATE price SET fee = fee + 100") }
        #expect(try fixture.problems().contains { $0.contains("its draw is") })
    }

    @Test("X21: another installation's secret is refused at start, and says what to do")
    func foreignSecret() throws {
        let other = AccountingService(
            company: fixture.company, secret: Array(repeating: 7, count: 32), codes: .trial,
            environment: fixture.clock.environment)
        #expect(throws: ForeignSecret.self) { try other.prepare(fixture.database, fixture.clock.environment) }
        try fixture.service.prepare(fixture.database, fixture.clock.environment)
    }

    @Test("X21: a change of the ranges is recorded with its time, and earlier prices stay")
    func changedRanges() throws {
        let ada = try fixture.person("Ada")
        _ = try fixture.create(ada)
        try fixture.rest()
        let ranges = try #require(PriceRanges(fee: 100...100, reward: 200...200))
        let other = AccountingService(
            company: fixture.company, secret: AccountingFixture.secret, codes: .trial, ranges: ranges,
            environment: fixture.clock.environment)
        for _ in 0..<2 { try other.prepare(fixture.database, fixture.clock.environment) }
        #expect(try fixture.value("SELECT COUNT(*) FROM price_range") == 2)
        let before = try fixture.balance(ada)
        _ = try fixture.create(ada)
        try fixture.rest()
        #expect(try fixture.balance(ada) == before.minus(.units(100)))
        #expect(try fixture.problems() == [])
    }
}
