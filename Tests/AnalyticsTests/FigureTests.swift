import Analytics
import Contracts
import Directory
import Foundation
import Messaging
import Storage
import TestKit
import TestTraits
import Testing
import Values

@Suite("Figures", .onEachDatabase)
struct FigureTests {
    struct DayJSON: Decodable {
        struct Dearest: Decodable {
            let task: ID
            let reward: Int64
        }
        let day: Day
        let state: String
        let income: Int64
        let operations: Int
        let below_zero: Int
        let dearest: Dearest?
    }

    struct PeriodJSON: Decodable {
        let from: Day
        let to: Day
        let dearest: DayJSON.Dearest?
    }

    struct Page<Item: Decodable>: Decodable {
        let items: [Item]
        let next: String?
    }

    struct PersonJSON: Decodable {
        let person: ID
        let operations: Int
        let paid: Int64
        let balance: Int64
    }

    struct BelowJSON: Decodable {
        let person: ID
        let balance: Int64
    }

    struct OperationJSON: Decodable {
        let operation: ID
        let kind: String
        let sum: Int64
        let balance: Int64
    }

    /// All figures that the API shows, beside those that are counted from the plain lists.
    static func expectFigures(
        of history: History, in fixture: AnalyticsFixture, as admin: ID, _ comment: Comment
    ) throws {
        let range = history.days
        let days: [DayJSON] = try fixture.json(
            "/api/analytics/days?from=\(range.lowerBound)&to=\(range.upperBound)", as: admin)
        #expect(days.count == range.upperBound.number - range.lowerBound.number + 1)
        for day in days {
            #expect(day.income == history.income(day.day), comment)
            #expect(day.operations == history.lines.filter { $0.day == day.day }.count, comment)
            #expect(day.below_zero == history.belowZero(day.day), comment)
            #expect(day.dearest?.task == history.dearest(day.day...day.day)?.task, comment)
            #expect(day.state == (day.day == range.upperBound ? "open" : "final"), comment)
            for period in ["week", "month"] {
                let found: PeriodJSON = try fixture.json(
                    "/api/analytics/dearest?period=\(period)&date=\(day.day)", as: admin)
                #expect(found.dearest?.task == history.dearest(found.from...found.to)?.task, comment)
            }
            let people: Page<PersonJSON> = try fixture.json("/api/analytics/people?day=\(day.day)&limit=200", as: admin)
            for line in people.items {
                let own = history.operations(of: line.person, on: day.day)
                let paid = history.closes.first { $0.day == day.day && $0.person == line.person }?.paid ?? 0
                #expect(line.operations == own.count && line.paid == paid, comment)
                #expect(line.balance == (own.last?.balance ?? 0) - paid, comment)
                let operations: Page<OperationJSON> = try fixture.json(
                    "/api/analytics/people/\(line.person)/operations?day=\(day.day)&limit=200", as: admin)
                #expect(operations.items.map(\.operation) == own.reversed().map(\.event), comment)
                #expect(operations.items.map(\.sum) == own.reversed().map(\.sum), comment)
                #expect(operations.items.map(\.balance) == own.reversed().map(\.balance), comment)
            }
            #expect(Set(people.items.map(\.person)) == Set(history.lines.filter { $0.day == day.day }.map(\.person)))
        }
        let below: Page<BelowJSON> = try fixture.json("/api/analytics/below-zero?limit=200", as: admin)
        let expected = history.balances.filter { $0.value < 0 }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        #expect(below.items.map(\.person) == expected.map(\.key), comment)
        #expect(below.items.map(\.balance) == expected.map(\.value), comment)
    }

    @Test(
        "X30, X32, X33: figures equal a count by hand in any order across people, and a rebuild's to the byte",
        arguments: UInt64(1)...4)
    func anyOrder(seed: UInt64) throws {
        let people = (0..<6).map { ID(milliseconds: 1_700_000_000_000 + Int64($0), random: (seed, UInt64($0) &* 77)) }
        let history = History(seed: seed, people: people, days: 9, operations: 25)
        var digests: Set<String> = []
        for (name, order) in [
            ("as it happened", history.told), ("shuffled", history.shuffled(seed: seed)),
            ("shuffled otherwise", history.shuffled(seed: seed + 9)), ("key by key", history.keyByKey()),
        ] {
            let fixture = try AnalyticsFixture(seed: seed)
            let admin = try fixture.person("Ada", [Role.admin])
            var random = SplitMix64(seed: seed)
            var rest = order[...]
            while !rest.isEmpty {
                let portion = rest.prefix(Int.random(in: 1...60, using: &random))
                rest = rest.dropFirst(portion.count)
                try fixture.tell(Array(portion))
                try fixture.rest()
            }
            try FigureTests.expectFigures(of: history, in: fixture, as: admin, "seed \(seed), \(name)")
            #expect(try fixture.problems() == [], "seed \(seed), \(name)")
            let rebuilt = try fixture.rebuild(as: admin)
            #expect(rebuilt.digest_before == rebuilt.digest_after, "seed \(seed), \(name)")
            digests.insert(rebuilt.digest_after ?? "none")
            try FigureTests.expectFigures(of: history, in: fixture, as: admin, "seed \(seed), \(name), rebuilt")
        }
        #expect(digests.count == 1)
    }

    @Test("X31: a past day is final once everything that its close counted is here, and not before")
    func final() throws {
        let fixture = try AnalyticsFixture()
        let admin = try fixture.person("Ada", [Role.admin])
        let people = try ["Bob", "Cleo"].map { try fixture.person($0) }
        let history = History(seed: 5, people: people, days: 2, operations: 6)
        let first = history.days.lowerBound
        try fixture.rest()
        func state() throws -> String {
            let days: [DayJSON] = try fixture.json("/api/analytics/days?from=\(first)&to=\(first)", as: admin)
            return try #require(days.first).state
        }
        #expect(try state() == "none")
        // Other keys may overtake a person, the seal too.
        let late = try #require(history.lines.first { $0.day == first }).person
        try fixture.tell(history.told.filter { $0.key != late })
        try fixture.rest()
        #expect(try state() == "coming-in")
        var ofFirst = history.told.filter { $0.key == late }
        let close = try #require(ofFirst.firstIndex { ($0.draft.event as? DayClosed)?.day == first })
        ofFirst = Array(ofFirst[...close])
        for event in ofFirst {
            #expect(try state() == "coming-in")
            try fixture.tell([event])
            try fixture.rest()
        }
        #expect(try state() == "final")
    }

    @Test("X40: an event that comes again, in whatever batch, counts once")
    func again() throws {
        let fixture = try AnalyticsFixture()
        let admin = try fixture.person("Ada", [Role.admin])
        let history = History(seed: 8, people: [admin], days: 3, operations: 20)
        try fixture.tell(history.told)
        try fixture.rest()
        let envelopes = try fixture.envelopes()
        let reaction = try #require(fixture.service.reactions.first { $0.topic.name == "accounting" })
        let taken = envelopes.filter { reaction.events.contains($0.type) }
        for batch in [taken, taken + taken, Array(taken.reversed())] {
            try fixture.database.write { transaction throws -> Void in try reaction.apply(batch, transaction) }
        }
        try FigureTests.expectFigures(of: history, in: fixture, as: admin, "again")
        #expect(try fixture.problems() == [])
    }

    @Test("X42: an event that makes no sense is parked, the rest of its batch counts, and verify counts it apart")
    func parked() throws {
        let fixture = try AnalyticsFixture()
        let admin = try fixture.person("Ada", [Role.admin])
        let people = try ["Bob", "Cleo", "Dan"].map { try fixture.person($0) }
        let history = History(seed: 6, people: people, days: 3, operations: 12)
        try fixture.tell(history.told)
        let broken = try #require(history.lines.first)
        try fixture.accounting.write { transaction in
            try transaction.send("UPDATE journal SET data = \(Array("{}".utf8)) WHERE id = \(broken.event)")
            try Journal(topic: .accounting).retell(in: transaction)
        }
        try fixture.rest()
        let parked: Int = try #require(try fixture.value("SELECT COUNT(*) FROM parked"))
        #expect(parked == history.told.filter { $0.key == broken.person && !$0.isUnheard }.count)
        let applied: Int = try #require(try fixture.value("SELECT COUNT(*) FROM operation"))
        #expect(applied == history.lines.filter { $0.person != broken.person }.count)
        #expect(try fixture.problems() == [])
        // A rebuild leaves it where it is, and the new figures get it when it is applied after all.
        let rebuilt = try fixture.rebuild(as: admin)
        #expect(rebuilt.state == "done" && rebuilt.digest_before == rebuilt.digest_after)
        let whole = try #require(history.told.first { $0.draft.id == broken.event })
        let data = try whole.draft.event.data()
        try fixture.database.write { transaction in
            try transaction.send("UPDATE parked SET data = \(data) WHERE id = \(broken.event)")
            try Journal(topic: Topic("analytics")).retell(in: transaction)
        }
        fixture.clock.advance(seconds: 600)
        try fixture.rest()
        #expect(try fixture.value("SELECT COUNT(*) FROM parked") == 0)
        try FigureTests.expectFigures(of: history, in: fixture, as: admin, "replayed")
    }

    @Test("verify finds a figure that was changed, by day, by person, and a lost operation")
    func verifies() throws {
        for damage: SQL in [
            "UPDATE day_figure SET fees = fees + 1 WHERE day = 20515", "UPDATE dearest SET sum = sum + 1",
            "UPDATE person_balance SET balance = balance - 1", "UPDATE person_day SET paid = paid + 1",
            "DELETE FROM operation WHERE number = 1", "UPDATE day_figure SET below_zero = 99 WHERE day = 20516",
        ] {
            let fixture = try AnalyticsFixture()
            let bob = try fixture.person("Bob")
            try fixture.tell(History(seed: 7, people: [bob], days: 3, operations: 9).told)
            try fixture.rest()
            #expect(try fixture.problems() == [])
            try fixture.database.write { try $0.send(damage) }
            #expect(try fixture.problems() != [], "\(damage.text)")
        }
    }
}
