import Directory
import Schemas
import Storage
import Values
import Web

extension DearestTask: Shown {
    /// The completion of a task that is the dearest of some days.
    static let resource = Resource<DearestTask>("DearestTask") {
        Field("day", \.day, "The business day of its completion")
        Field("reward", \.reward, "Its reward")
        Field("task", \.task, "The task")
        Field("title", \.title, "Its title as it was")
        Field("jira_id", \.jiraID, "Its id elsewhere, as it was")
        Field("person", \.person, "Who completed it")
    }
}

/// The company's figures of one day, and the sums behind them.
struct SummedDay: Shown {
    let figures: DayFigures
    let sums: DaySums

    /// - Parameter sums: `nil` for a day without operations.
    init(_ figures: DayFigures, _ sums: DaySums?) {
        self.figures = figures
        self.sums = sums ?? DaySums()
    }

    static let resource = Resource<SummedDay>("DayFigures") {
        Field("day", \.figures.day, "The business day")
        Field(
            "state", \.figures.state.rawValue, .choice(["open", "coming-in", "final", "none"]),
            "final: over, and everything is here; coming-in: over, and something is still to come")
        Field("fees", \.sums.fees, "Charged")
        Field("rewards", \.sums.rewards, "Earned")
        Field("corrections", \.sums.corrections, "What corrections gave to people; below zero where they took")
        Field("income", \.figures.income, "Fees less rewards less corrections")
        Field("operations", \.figures.operations, "Fees, rewards and corrections that analytics has")
        Field("operations_at_close", \.figures.sealedOperations, "How many there are, as the close said")
        Field(
            "below_zero", \.figures.belowZero,
            "People whose balance was below zero at the end of the day; on the open day, is now")
        Field("dearest", \.figures.dearest, "The dearest task completed on that day")
    }
}

/// The current figures.
struct FiguresOfNow: Sendable {
    let today: SummedDay
    let dearestOfWeek: DearestTask?
    let dearestOfMonth: DearestTask?

    static let resource = Resource<FiguresOfNow>("Analytics") {
        Field("today", \.today, "The open day")
        Field("dearest_of_week", \.dearestOfWeek, "The dearest task of its ISO week")
        Field("dearest_of_month", \.dearestOfMonth, "The dearest task of its month")
    }
}

extension Period: JSONWord {}

/// The dearest task of a period.
struct DearestOfPeriod: Sendable {
    let period: Period
    let range: ClosedRange<Day>
    let dearest: DearestTask?

    static let resource = Resource<DearestOfPeriod>("DearestOfPeriod") {
        Field("period", \.period, "What was asked for")
        Field("from", \.range.lowerBound, "Its first day")
        Field("to", \.range.upperBound, "Its last day")
        Field("dearest", \.dearest, "The dearest task that was completed in it")
    }
}

/// A person whose balance is below zero, with their name.
struct NamedBelowZero: Sendable {
    let line: BelowZero
    let name: String?

    static func list(
        after place: KeyPair<Cents, ID>?, limit: Int, in transaction: any Transaction
    ) throws -> [NamedBelowZero] {
        let lines = try BelowZero.list(after: place, limit: limit, in: transaction)
        let names = try Directory.people(lines.map(\.person), in: transaction)
        return lines.map { NamedBelowZero(line: $0, name: names[$0.person]?.name) }
    }

    static let resource = Resource<NamedBelowZero>("BelowZero") {
        Field("person", \.line.person, "Who")
        Field("name", \.name, "Their name, where it is known yet")
        Field("balance", \.line.balance, "The balance")
    }
}

/// The sums of one person's operations on a day, with their name.
struct NamedPersonDay: Sendable {
    let line: PersonDay
    let name: String?

    static func list(
        on day: Day, after place: KeyPair<String, ID>?, limit: Int, in transaction: any Transaction
    ) throws -> [NamedPersonDay] {
        let lines = try PersonDay.list(on: day, after: place, limit: limit, in: transaction)
        let names = try Directory.people(lines.map(\.person), in: transaction)
        return lines.map { NamedPersonDay(line: $0, name: names[$0.person]?.name) }
    }

    static let resource = Resource<NamedPersonDay>("PersonDay") {
        Field("person", \.line.person, "Who")
        Field("name", \.name, "Their name, where it is known yet")
        Field("day", \.line.day, "The business day")
        Field("operations", \.line.operations, "How many; the payout is not counted")
        Field("charged", \.line.charged, "Charged: fees")
        Field("rewarded", \.line.rewarded, "Earned: rewards")
        Field("corrected", \.line.corrected, "Corrections: what they added; below zero where they took")
        Field("paid", \.line.paid, "Paid out at the close")
        Field("balance", \.line.balance, "At the end of the day, after the payout; on the open day, so far")
    }
}

extension PersonOperation {
    /// One operation of a person, as programs see it.
    static let resource = Resource<PersonOperation>("PersonOperation") {
        Field("operation", \.id, "Its id, the same as Accounting's entry")
        Field("kind", \.kind, .choice(["fee", "reward", "correction"]), "What it is")
        Field("sum", \.sum, "Below zero where it was taken from the person")
        Field("balance", \.balance, "After it")
        Field("task", \.task, "The task that it is for")
        Field("title", \.title, "The task's title as it was")
        Field("jira_id", \.jiraID, "The task's id elsewhere, as it was")
        Field("reason", \.reason, "Why it was entered: corrections only")
        Field("time", \.time, "When it was booked")
    }
}

extension Rebuild {
    /// A rebuild of the figures, as programs see it.
    static let resource = Resource<Rebuild>("Rebuild") {
        Field("id", \.id, "The rebuild")
        Field("state", \.state.rawValue, .choice(["running", "stopped", "done", "abandoned"]), "Where it stands")
        Field("asked_by", \.askedBy, "Who asked for it")
        Field("asked_at", \.askedAt, "When")
        Field("reached", \.reached, "Events read so far")
        Field("total", \.total, "Events to read")
        Field("ended_at", \.endedAt, "When the new figures took the place of the old ones, or it was given up")
        Field("digest_before", \.digestBefore, "SHA-256 over the old figures at that moment")
        Field("digest_after", \.digestAfter, "SHA-256 over the new ones; the same where the old were right")
    }
}
