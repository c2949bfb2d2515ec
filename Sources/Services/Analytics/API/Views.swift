import Values
import Web

/// A task's completion, as the dearest one of some days.
struct DearestView: Encodable, Sendable {
    let day: Day
    let reward: Cents
    let task: ID
    let title: String
    let jiraID: String?
    let person: ID

    enum CodingKeys: String, CodingKey {
        case day, reward, task, title, person
        case jiraID = "jira_id"
    }

    init(_ task: DearestTask) {
        day = task.day
        reward = task.reward
        self.task = task.task
        title = task.title
        jiraID = task.jiraID
        person = task.person
    }

    static let schema = Schema.object(
        "DearestTask",
        [
            .init("day", .day, "The business day of its completion"),
            .init("reward", .cents, "Its reward"),
            .init("task", .id, "The task"),
            .init("title", .string, "Its title as it was"),
            .init("jira_id", .optional(.string), "Its id elsewhere, as it was"),
            .init("person", .id, "Who completed it"),
        ])
}

/// The company's figures of one day.
struct DayFiguresView: Encodable, Sendable {
    let day: Day
    let state: String
    let fees: Cents
    let rewards: Cents
    let corrections: Cents
    let income: Cents
    let operations: Int
    let operationsAtClose: Int?
    let belowZero: Int
    let dearest: DearestView?

    enum CodingKeys: String, CodingKey {
        case day, state, fees, rewards, corrections, income, operations, dearest
        case operationsAtClose = "operations_at_close"
        case belowZero = "below_zero"
    }

    init(_ figures: DayFigures, _ sums: DaySums?) {
        day = figures.day
        state = figures.state.rawValue
        let sums = sums ?? DaySums()
        fees = sums.fees
        rewards = sums.rewards
        corrections = sums.corrections
        income = figures.income
        operations = figures.operations
        operationsAtClose = figures.sealedOperations
        belowZero = figures.belowZero
        dearest = figures.dearest.map(DearestView.init)
    }

    static let schema = Schema.object(
        "DayFigures",
        [
            .init("day", .day, "The business day"),
            .init(
                "state", .choice(["open", "coming-in", "final", "none"]),
                "final: over, and everything is here; coming-in: over, and something is still to come"),
            .init("fees", .cents, "Charged"),
            .init("rewards", .cents, "Earned"),
            .init("corrections", .cents, "What corrections gave to people; below zero where they took"),
            .init("income", .cents, "Fees less rewards less corrections"),
            .init("operations", .integer(0...Int64.max), "Fees, rewards and corrections that analytics has"),
            .init("operations_at_close", .optional(.integer(0...Int64.max)), "How many there are, as the close said"),
            .init(
                "below_zero", .integer(0...Int64.max),
                "People whose balance was below zero at the end of the day; on the open day, is now"),
            .init("dearest", .optional(DearestView.schema), "The dearest task completed on that day"),
        ])
}

/// The figures of now.
struct AnalyticsView: Encodable, Sendable {
    let today: DayFiguresView
    let dearestOfWeek: DearestView?
    let dearestOfMonth: DearestView?

    enum CodingKeys: String, CodingKey {
        case today
        case dearestOfWeek = "dearest_of_week"
        case dearestOfMonth = "dearest_of_month"
    }

    static let schema = Schema.object(
        "Analytics",
        [
            .init("today", DayFiguresView.schema, "The open day"),
            .init("dearest_of_week", .optional(DearestView.schema), "The dearest task of its ISO week"),
            .init("dearest_of_month", .optional(DearestView.schema), "The dearest task of its month"),
        ])
}

/// The dearest task of a period.
struct PeriodView: Encodable, Sendable {
    let period: String
    let from: Day
    let to: Day
    let dearest: DearestView?

    static let schema = Schema.object(
        "DearestOfPeriod",
        [
            .init("period", .choice(Period.allCases.map(\.rawValue)), "What was asked for"),
            .init("from", .day, "Its first day"),
            .init("to", .day, "Its last day"),
            .init("dearest", .optional(DearestView.schema), "The dearest task that was completed in it"),
        ])
}

/// Somebody whose balance is below zero.
struct BelowZeroView: Encodable, Sendable {
    let person: ID
    let name: String?
    let balance: Cents

    static let schema = Schema.object(
        "BelowZero",
        [
            .init("person", .id, "Who"),
            .init("name", .optional(.string), "Their name, where it is known yet"),
            .init("balance", .cents, "The balance"),
        ])
}

/// What one person's operations of a day come to.
struct PersonDayView: Encodable, Sendable {
    let person: ID
    let name: String?
    let day: Day
    let operations: Int
    let charged: Cents
    let rewarded: Cents
    let corrected: Cents
    let paid: Cents
    let balance: Cents

    init(_ line: PersonDay, name: String?) {
        person = line.person
        self.name = name
        day = line.day
        operations = line.operations
        charged = line.charged
        rewarded = line.rewarded
        corrected = line.corrected
        paid = line.paid
        balance = line.balance
    }

    static let schema = Schema.object(
        "PersonDay",
        [
            .init("person", .id, "Who"),
            .init("name", .optional(.string), "Their name, where it is known yet"),
            .init("day", .day, "The business day"),
            .init("operations", .integer(0...Int64.max), "How many; the payout is not counted"),
            .init("charged", .cents, "Charged: fees"),
            .init("rewarded", .cents, "Earned: rewards"),
            .init("corrected", .cents, "Corrections: what they added; below zero where they took"),
            .init("paid", .cents, "Paid out at the close"),
            .init("balance", .cents, "At the end of the day, after the payout; on the open day, so far"),
        ])
}

/// One operation of a person.
struct PersonOperationView: Encodable, Sendable {
    let operation: ID
    let kind: String
    let sum: Cents
    let balance: Cents
    let task: ID?
    let title: String?
    let jiraID: String?
    let reason: String?
    let time: Instant

    enum CodingKeys: String, CodingKey {
        case operation, kind, sum, balance, task, title, reason, time
        case jiraID = "jira_id"
    }

    init(_ operation: PersonOperation) {
        self.operation = operation.id
        kind = operation.kind
        sum = operation.sum
        balance = operation.balance
        task = operation.task
        title = operation.title
        jiraID = operation.jiraID
        reason = operation.reason
        time = operation.time
    }

    static let schema = Schema.object(
        "PersonOperation",
        [
            .init("operation", .id, "Its id, the same as Accounting's entry"),
            .init("kind", .choice(["fee", "reward", "correction"]), "What it is"),
            .init("sum", .cents, "Below zero where it was taken from the person"),
            .init("balance", .cents, "After it"),
            .init("task", .optional(.id), "The task that it is for"),
            .init("title", .optional(.string), "The task's title as it was"),
            .init("jira_id", .optional(.string), "The task's id elsewhere, as it was"),
            .init("reason", .optional(.string), "Why it was entered: corrections only"),
            .init("time", .instant, "When it was booked"),
        ])
}

/// A rebuild of the figures.
struct RebuildView: Encodable, Sendable {
    let id: ID
    let state: String
    let askedBy: ID
    let askedAt: Instant
    let reached: Int64
    let total: Int64
    let endedAt: Instant?
    let digestBefore: String?
    let digestAfter: String?

    enum CodingKeys: String, CodingKey {
        case id, state, reached, total
        case askedBy = "asked_by"
        case askedAt = "asked_at"
        case endedAt = "ended_at"
        case digestBefore = "digest_before"
        case digestAfter = "digest_after"
    }

    init(_ rebuild: Rebuild) {
        id = rebuild.id
        state = rebuild.state.rawValue
        askedBy = rebuild.askedBy
        askedAt = rebuild.askedAt
        reached = rebuild.reached
        total = rebuild.total
        endedAt = rebuild.endedAt
        digestBefore = rebuild.digestBefore
        digestAfter = rebuild.digestAfter
    }

    static let schema = Schema.object(
        "Rebuild",
        [
            .init("id", .id, "The rebuild"),
            .init("state", .choice(["running", "stopped", "done", "abandoned"]), "Where it stands"),
            .init("asked_by", .id, "Who asked for it"),
            .init("asked_at", .instant, "When"),
            .init("reached", .integer(0...Int64.max), "Events read so far"),
            .init("total", .integer(0...Int64.max), "Events to read"),
            .init(
                "ended_at", .optional(.instant),
                "When the new figures took the place of the old ones, or it was given up"),
            .init("digest_before", .optional(.string), "SHA-256 over the old figures at that moment"),
            .init("digest_after", .optional(.string), "SHA-256 over the new ones; the same where the old were right"),
        ])
}
