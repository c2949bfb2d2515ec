import Contracts
import Messaging
import ServiceKit
import Storage
import Values

/// The figures up to the checkpoint equal a recount from Accounting's journal: income, operations and closes by day,
/// the dearest task, balances, operations by person and day. The recount uses none of the code that makes the figures.
/// Events that are parked or were discarded are counted separately.
enum FigureCheck {
    static let check = Check("analytics: figures") { snapshots, report in
        let own = try snapshots.of("analytics")
        let generation = try Generation.shown(in: own)
        let stored = try Recount(figuresOf: generation, in: own)
        report.count("days", Int64(stored.days.count))
        report.count("operations", stored.operations.count)
        report.count("people with a balance", Int64(stored.balances.count))
        guard snapshots.has("accounting") else { return }
        let (expected, aside) = try Recount.journal(try snapshots.of("accounting"), as: own)
        report.count("parked or discarded", aside)
        for problem in stored.problems(against: expected) { report.problem(problem) }
    }
}

/// All figures in memory: as stored, or as counted from the journal.
private struct Recount {
    struct Line: Hashable {
        var income: Int64 = 0
        var operations = 0
        var closes = 0
        var belowZero = 0
        var dearest: Dear?
    }

    struct Dear: Hashable {
        let sum: Int64
        let event: ID
        let task: ID
    }

    struct PersonLine: Hashable {
        let person: ID
        let day: Day
        let operations: Int
        /// The sum of all operations.
        let sum: Int64
        let paid: Int64
    }

    var days: [Day: Line] = [:]
    var balances: [ID: Int64] = [:]
    var people = MultisetDigest()
    var operations = MultisetDigest()

    init() {}

    init(figuresOf generation: Int, in own: any Transaction) throws {
        var recount = Recount()
        try own.forEach(
            """
            SELECT f.day, f.fees - f.rewards, f.operations, f.closes, f.below_zero, d.sum, d.event, d.task
            FROM day_figure f LEFT JOIN dearest d ON d.generation = f.generation AND d.day = f.day
            WHERE f.generation = \(generation)
            """
        ) { row in
            var line = Line(
                income: try row(1), operations: try row(2), closes: try row(3), belowZero: try row(4))
            if let sum: Int64 = try row(5) { line.dearest = Dear(sum: sum, event: try row(6), task: try row(7)) }
            recount.days[try row(0)] = line
        }
        try own.forEach("SELECT person, balance FROM person_balance WHERE generation = \(generation)") {
            recount.balances[try $0(0)] = try $0(1, as: Int64.self)
        }
        try own.forEach(
            """
            SELECT person, day, operations, rewarded + corrected - charged, paid FROM person_day
            WHERE generation = \(generation)
            """
        ) { row in
            recount.people.add(
                PersonLine(
                    person: try row(0), day: try row(1), operations: try row(2), sum: try row(3), paid: try row(4)))
        }
        try own.forEach("SELECT id, day, person, sum, balance FROM operation WHERE generation = \(generation)") { row in
            recount.operations.add(row.values)
        }
        self = recount
    }

    func problems(against expected: Recount) -> [String] {
        var problems: [String] = []
        for day in Set(days.keys).union(expected.days.keys).sorted() where days[day] != expected.days[day] {
            problems.append(
                "\(day) is shown as \(Recount.text(days[day])); the journal says \(Recount.text(expected.days[day]))")
        }
        for person in Set(balances.keys).union(expected.balances.keys).sorted()
        where balances[person] != expected.balances[person] {
            problems.append(
                "the balance of \(person) is shown as \(Recount.text(balances[person])); the journal says "
                    + Recount.text(expected.balances[person]))
        }
        if people != expected.people {
            problems.append(
                "\(people.count) sums by person and day, \(expected.people.count) by the journal, or not the same ones")
        }
        if operations != expected.operations {
            problems.append(
                "\(operations.count) operations, \(expected.operations.count) in the journal, or not the same ones")
        }
        return problems
    }

    private static func text(_ line: Line?) -> String {
        guard let line else { return "nothing" }
        let dearest = line.dearest.map { "\(Cents($0.sum).plain) for task \($0.task)" } ?? "none"
        return "income \(Cents(line.income).plain), \(line.operations) operations, \(line.closes) closes, "
            + "\(line.belowZero) below zero, dearest \(dearest)"
    }

    private static func text(_ balance: Int64?) -> String { balance.map { Cents($0).plain } ?? "nothing" }
}

extension Recount {
    /// The sums for one person on one day.
    private struct Sums {
        var operations = 0
        var sum: Int64 = 0
        var paid: Int64 = 0
    }

    private struct Key: Hashable {
        let person: ID
        let day: Day
    }

    /// Counts Accounting's journal up to the checkpoint, and how many of its events are set aside.
    static func journal(
        _ accounting: any Transaction, as own: any Transaction
    ) throws -> (recount: Recount, aside: Int64) {
        let topic = Topic.accounting
        let numbers = try Checkpoint.numbers(of: topic, in: own)
        let parked = try Parked.ids(of: topic, in: own)
        var recount = Recount()
        var people: [Key: Sums] = [:]
        var aside: Int64 = 0
        // In the order of writing, which is each person's order: the last balance is the current one.
        try accounting.forEach(
            """
            SELECT id, partition, number, name, version, key, time, trace, data FROM journal
            WHERE number > 0 ORDER BY position
            """
        ) { row in
            let partition: Int = try row(1)
            let number: Int64 = try row(2)
            guard number <= numbers[partition, default: 0] else { return }
            let envelope = Envelope(
                id: try row(0), topic: topic.name, name: try row(3), version: try row(4), key: try row(5),
                time: try row(6), trace: try row(7), data: try row(8), partition: partition, number: number)
            if parked.contains(envelope.id) {
                aside += 1
            } else {
                try recount.count(envelope, &people)
            }
        }
        for (key, sums) in people {
            recount.people.add(
                PersonLine(
                    person: key.person, day: key.day, operations: sums.operations, sum: sums.sum, paid: sums.paid))
        }
        return (recount, aside)
    }

    private mutating func count(_ envelope: Envelope, _ people: inout [Key: Sums]) throws {
        switch envelope.type {
        case EmployeeCharged.type:
            let event = try envelope.event(EmployeeCharged.self).operation
            book(-event.sum.amount, event.balance, event.day, envelope, &people)
        case EmployeeRewarded.type:
            let event = try envelope.event(EmployeeRewarded.self).operation
            book(event.sum.amount, event.balance, event.day, envelope, &people)
            let dear = Dear(sum: event.sum.amount, event: envelope.id, task: event.task)
            let known = days[event.day]?.dearest
            if known.map({ (dear.sum, $0.event) > ($0.sum, dear.event) }) ?? true {
                days[event.day, default: Line()].dearest = dear
            }
        case EntryCorrected.type:
            let event = try envelope.event(EntryCorrected.self)
            book(event.sum.amount, event.balance, event.day, envelope, &people)
        case DayClosed.type:
            let event = try envelope.event(DayClosed.self)
            days[event.day, default: Line()].closes += 1
            if event.closing < .zero { days[event.day, default: Line()].belowZero += 1 }
            if event.operations > 0 || event.paid != .zero {
                balances[event.person] = event.closing.amount - event.paid.amount
                people[Key(person: event.person, day: event.day), default: Sums()].paid += event.paid.amount
            }
        case DaySealed.type:
            let event = try envelope.event(DaySealed.self)
            days[event.day, default: Line()].closes += 0
        default: break
        }
    }

    /// What a person gains reduces the company's income.
    private mutating func book(
        _ sum: Int64, _ balance: Cents, _ day: Day, _ envelope: Envelope, _ people: inout [Key: Sums]
    ) {
        days[day, default: Line()].income -= sum
        days[day, default: Line()].operations += 1
        balances[envelope.key] = balance.amount
        people[Key(person: envelope.key, day: day), default: Sums()].operations += 1
        people[Key(person: envelope.key, day: day), default: Sums()].sum += sum
        operations.add(
            [envelope.id.stored, day.stored, envelope.key.stored, Value.integer(sum), balance.stored] as [Value])
    }
}
