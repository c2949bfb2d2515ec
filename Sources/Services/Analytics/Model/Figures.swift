import Storage
import Values

/// The sums of a number of facts, which a few statements add to a generation.
///
/// Everything in it can be combined in any order with the same result (X33): sums and counts; the dearest task by its
/// reward, or if equal by the smallest event id; a balance by the number of its event, which grows with each event
/// about a person. So the result does not depend on the order of events about different people, on the size of batches,
/// or on whether a rebuild reads old events after live ones were added.
struct Figures {
    struct Company {
        var fees = Cents.zero
        var rewards = Cents.zero
        var operations = 0
        var closes = 0
        var belowZero = 0
        var seal: (accounts: Int, operations: Int)?
    }

    struct Dearest {
        let sum: Cents
        let event: ID
        let person: ID
        let operation: Fact.Operation

        func beats(_ other: Dearest) -> Bool {
            sum > other.sum || sum == other.sum && event < other.event
        }
    }

    struct Balance {
        let number: Int64
        let balance: Cents
    }

    struct PersonDay {
        var operations = 0
        var charged = Cents.zero
        var rewarded = Cents.zero
        var corrected = Cents.zero
        var paid = Cents.zero
        var last: Balance
    }

    struct PersonKey: Hashable {
        let day: Day
        let person: ID
    }

    private(set) var days: [Day: Company] = [:]
    private(set) var dearest: [Day: Dearest] = [:]
    private(set) var personDays: [PersonKey: PersonDay] = [:]
    private(set) var balances: [ID: Balance] = [:]
    private(set) var operations: [(fact: Fact, operation: Fact.Operation)] = []

    mutating func add(_ fact: Fact) throws {
        switch fact.content {
        case .operation(let operation): try add(operation, of: fact)
        case .close(let closing, let paid, let operations):
            days[fact.day, default: Company()].closes += 1
            if closing < .zero { days[fact.day, default: Company()].belowZero += 1 }
            guard operations > 0 || paid != .zero else { return }
            let after = Balance(number: fact.number, balance: try closing.minus(paid))
            note(after, of: fact.person)
            try change(fact, after) { $0.paid = try $0.paid.plus(paid) }
        case .seal(let accounts, let operations):
            days[fact.day, default: Company()].seal = (accounts, operations)
        }
    }

    private mutating func add(_ operation: Fact.Operation, of fact: Fact) throws {
        var day = days[fact.day] ?? Company()
        if operation.isOfRewards {
            day.rewards = try day.rewards.plus(operation.sum)
        } else {
            day.fees = try day.fees.minus(operation.sum)
        }
        day.operations += 1
        days[fact.day] = day
        let after = Balance(number: fact.number, balance: operation.balance)
        note(after, of: fact.person)
        try change(fact, after) { line in
            line.operations += 1
            switch operation.kind {
            case .fee: line.charged = try line.charged.minus(operation.sum)
            case .reward: line.rewarded = try line.rewarded.plus(operation.sum)
            case .correction: line.corrected = try line.corrected.plus(operation.sum)
            }
        }
        operations.append((fact, operation))
        guard operation.kind == .reward else { return }
        let candidate = Dearest(sum: operation.sum, event: fact.id, person: fact.person, operation: operation)
        if dearest[fact.day].map({ candidate.beats($0) }) ?? true { dearest[fact.day] = candidate }
    }

    private mutating func note(_ balance: Balance, of person: ID) {
        if let known = balances[person], known.number > balance.number { return }
        balances[person] = balance
    }

    private mutating func change(_ fact: Fact, _ after: Balance, _ body: (inout PersonDay) throws -> Void) throws {
        let key = PersonKey(day: fact.day, person: fact.person)
        var line = personDays[key] ?? PersonDay(last: after)
        if after.number > line.last.number { line.last = after }
        try body(&line)
        personDays[key] = line
    }
}

extension Figures {
    /// Adds the facts that the generation does not hold yet.
    static func add(_ facts: [Fact], to generation: Int, in transaction: any Transaction) throws {
        guard !facts.isEmpty else { return }
        var seen = try AppliedEvents(facts, generation: generation, in: transaction)
        var figures = Figures()
        for fact in facts where seen.insert(fact) { try figures.add(fact) }
        try seen.write(in: transaction)
        try figures.write(to: generation, in: transaction)
    }

    private func write(to generation: Int, in transaction: any Transaction) throws {
        let generation = generation.stored
        try transaction.send(
            Figures.addDay, rows: days.sorted { $0.key < $1.key }.map { $0.value.row(generation, $0.key) })
        try transaction.send(
            Figures.addDearest, rows: dearest.sorted { $0.key < $1.key }.map { $0.value.row(generation, $0.key) })
        try transaction.send(
            Figures.addPersonDay,
            rows: personDays.sorted { ($0.key.day, $0.key.person) < ($1.key.day, $1.key.person) }.map {
                $0.value.row(generation, $0.key)
            })
        try transaction.send(
            Figures.addBalance,
            rows: balances.sorted { $0.key < $1.key }.map {
                [generation, $0.key.stored, $0.value.balance.stored, .integer($0.value.number)]
            })
        try transaction.send(
            Figures.addOperation,
            rows: operations.sorted {
                ($0.fact.day, $0.fact.person, $0.fact.number) < ($1.fact.day, $1.fact.person, $1.fact.number)
            }.map { $0.fact.row(generation, $0.operation) })
    }

    private static let addDay = """
        INSERT INTO day_figure (generation, day, fees, rewards, operations, closes, below_zero, sealed_operations,
            sealed_accounts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (generation, day) DO UPDATE SET fees = day_figure.fees + excluded.fees,
            rewards = day_figure.rewards + excluded.rewards,
            operations = day_figure.operations + excluded.operations, closes = day_figure.closes + excluded.closes,
            below_zero = day_figure.below_zero + excluded.below_zero,
            sealed_operations = COALESCE(excluded.sealed_operations, day_figure.sealed_operations),
            sealed_accounts = COALESCE(excluded.sealed_accounts, day_figure.sealed_accounts)
        """

    private static let addDearest = """
        INSERT INTO dearest (generation, day, sum, event, task, title, jira_id, person)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (generation, day) DO UPDATE SET sum = excluded.sum, event = excluded.event, task = excluded.task,
            title = excluded.title, jira_id = excluded.jira_id, person = excluded.person
        WHERE excluded.sum > dearest.sum OR (excluded.sum = dearest.sum AND excluded.event < dearest.event)
        """

    private static let addPersonDay = """
        INSERT INTO person_day (generation, day, person, operations, charged, rewarded, corrected, paid, balance, number)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (generation, day, person) DO UPDATE SET operations = person_day.operations + excluded.operations,
            charged = person_day.charged + excluded.charged, rewarded = person_day.rewarded + excluded.rewarded,
            corrected = person_day.corrected + excluded.corrected, paid = person_day.paid + excluded.paid,
            balance = CASE WHEN excluded.number > person_day.number THEN excluded.balance ELSE person_day.balance END,
            number = CASE WHEN excluded.number > person_day.number THEN excluded.number ELSE person_day.number END
        """

    private static let addBalance = """
        INSERT INTO person_balance (generation, person, balance, number) VALUES (?, ?, ?, ?)
        ON CONFLICT (generation, person) DO UPDATE SET balance = excluded.balance, number = excluded.number
        WHERE excluded.number > person_balance.number
        """

    private static let addOperation = """
        INSERT INTO operation (generation, day, person, number, id, kind, sum, balance, task, title, jira_id, reason,
            time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}

extension Figures.Company {
    fileprivate func row(_ generation: Value, _ day: Day) -> [Value] {
        [
            generation, day.stored, fees.stored, rewards.stored, operations.stored, closes.stored, belowZero.stored,
            (seal?.operations).stored, (seal?.accounts).stored,
        ]
    }
}

extension Figures.Dearest {
    fileprivate func row(_ generation: Value, _ day: Day) -> [Value] {
        [
            generation, day.stored, sum.stored, event.stored, operation.task.stored,
            .text(operation.title ?? ""), operation.jiraID.stored, person.stored,
        ]
    }
}

extension Figures.PersonDay {
    fileprivate func row(_ generation: Value, _ key: Figures.PersonKey) -> [Value] {
        [
            generation, key.day.stored, key.person.stored, operations.stored, charged.stored, rewarded.stored,
            corrected.stored, paid.stored, last.balance.stored, .integer(last.number),
        ]
    }
}

extension Fact {
    fileprivate func row(_ generation: Value, _ operation: Operation) -> [Value] {
        [
            generation, day.stored, person.stored, .integer(number), id.stored, .text(operation.kind.rawValue),
            operation.sum.stored, operation.balance.stored, operation.task.stored, operation.title.stored,
            operation.jiraID.stored, operation.reason.stored, operation.time.stored,
        ]
    }
}
