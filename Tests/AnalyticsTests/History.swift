import Contracts
import Foundation
import Messaging
import TestKit
import Values

/// Some days of a company as Accounting would tell of them, drawn from a seed, and all of it kept as plain lists, from
/// which the figures are counted by the simplest means.
struct History {
    struct Line {
        let event: ID
        let person: ID
        let day: Day
        let kind: String
        let sum: Int64
        let balance: Int64
        let task: ID
    }

    struct Close {
        let person: ID
        let day: Day
        let closing: Int64
        let paid: Int64
    }

    private(set) var told: [Told] = []
    private(set) var lines: [Line] = []
    private(set) var closes: [Close] = []
    private(set) var balances: [ID: Int64] = [:]
    let people: [ID]
    let days: ClosedRange<Day>
    private let installation: ID
    private let clock: SteppedClock
    private var random: SplitMix64

    /// The last day stays open.
    init(seed: UInt64, people: [ID], days: Int, operations: Int, first: Day = Day(number: 20_515)) {
        self.people = people
        self.days = first...first.adding(days: days - 1)
        clock = SteppedClock(seed: seed &+ 1_000)
        installation = clock.environment.newID()
        random = SplitMix64(seed: seed)
        for number in self.days.lowerBound.number...self.days.upperBound.number {
            let day = Day(number: number)
            for _ in 0..<operations { operate(on: day) }
            if day != self.days.upperBound { close(day) }
        }
    }

    private mutating func operate(on day: Day) {
        clock.advance(seconds: 7)
        let person = people[Int.random(in: 0..<people.count, using: &random)]
        let (id, task, now) = (clock.environment.newID(), clock.environment.newID(), clock.now)
        let kind = ["fee", "fee", "reward", "reward", "correction"][Int.random(in: 0..<5, using: &random)]
        let sum: Int64
        switch kind {
        case "fee": sum = -Int64.random(in: 10...20, using: &random) * 100
        // Few different ones, so that the dearest often has equals.
        case "reward": sum = Int64.random(in: 20...24, using: &random) * 100
        default: sum = [-250, 1, 990][Int.random(in: 0..<3, using: &random)]
        }
        let balance = balances[person, default: 0] + sum
        balances[person] = balance
        lines.append(
            Line(event: id, person: person, day: day, kind: kind, sum: sum, balance: balance, task: task))
        let operation = Contracts.Operation(
            task: task, title: "Task \(lines.count)", jiraID: lines.count % 3 == 0 ? "POP-\(lines.count)" : nil,
            person: person, sum: Cents(abs(sum)), balance: Cents(balance), day: day, time: now)
        switch kind {
        case "fee": told.append(Told(EmployeeCharged(operation: operation), id: id))
        case "reward": told.append(Told(EmployeeRewarded(operation: operation), id: id))
        default:
            told.append(
                Told(
                    EntryCorrected(
                        entry: id, corrects: task, person: person, sum: Cents(sum), balance: Cents(balance),
                        reason: "because", by: person, kind: sum == 1 ? "fee" : "reward", day: day, time: now), id: id))
        }
    }

    private mutating func close(_ day: Day) {
        clock.advance(seconds: 60)
        for person in people {
            let operations = lines.filter { $0.person == person && $0.day == day }.count
            let closing = balances[person, default: 0]
            let paid = max(0, closing)
            balances[person] = closing - paid
            closes.append(Close(person: person, day: day, closing: closing, paid: paid))
            if paid > 0 {
                let id = clock.environment.newID()
                told.append(
                    Told(
                        PayoutRequested(payout: id, person: person, day: day, sum: Cents(paid), time: clock.now), id: id
                    )
                )
            }
            told.append(
                Told(
                    DayClosed(
                        person: person, day: day, opening: .zero, closing: Cents(closing), paid: Cents(paid),
                        operations: operations, time: clock.now), id: clock.environment.newID()))
        }
        told.append(
            Told(
                DaySealed(
                    installation: installation, day: day, accounts: people.count,
                    operations: lines.filter { $0.day == day }.count, seal: "00", time: clock.now),
                id: clock.environment.newID()))
    }

    // MARK: The same events in other orders, each key's own order kept

    func shuffled(seed: UInt64) -> [Told] {
        var random = SplitMix64(seed: seed)
        var queues = Dictionary(grouping: told, by: \.key).mapValues { Array($0.reversed()) }
        var keys = queues.keys.sorted()
        var order: [Told] = []
        while !keys.isEmpty {
            let index = Int.random(in: 0..<keys.count, using: &random)
            if let next = queues[keys[index]]?.popLast() { order.append(next) }
            if queues[keys[index]]?.isEmpty == true { keys.remove(at: index) }
        }
        return order
    }

    func keyByKey() -> [Told] {
        let queues = Dictionary(grouping: told, by: \.key)
        return queues.keys.sorted(by: >).flatMap { queues[$0] ?? [] }
    }

    // MARK: Figures, counted

    func income(_ day: Day) -> Int64 { -lines.filter { $0.day == day }.reduce(0) { $0 + $1.sum } }

    func belowZero(_ day: Day) -> Int {
        day == days.upperBound
            ? balances.values.filter { $0 < 0 }.count
            : closes.filter { $0.day == day && $0.closing < 0 }.count
    }

    /// Of equally dear ones the first completed.
    func dearest(_ range: ClosedRange<Day>) -> Line? {
        var best: Line?
        for line in lines where line.kind == "reward" && range.contains(line.day) {
            if line.sum > best?.sum ?? 0 { best = line }
        }
        return best
    }

    func operations(of person: ID, on day: Day) -> [Line] { lines.filter { $0.person == person && $0.day == day } }
}
