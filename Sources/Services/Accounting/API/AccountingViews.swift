import Ledger
import Values
import Web

/// An account, as programs see it.
struct AccountView: Encodable, Sendable {
    let person: ID
    let name: String?
    let balance: Cents
    let day: Day
    let opening: Cents
    let credited: Cents
    let debited: Cents
    let earned: Cents
    let charged: Cents
    let corrections: Cents
    let operations: Int
    let openedAt: Instant

    enum CodingKeys: String, CodingKey {
        case person, name, balance, day, opening, credited, debited, earned, charged, corrections, operations
        case openedAt = "opened_at"
    }

    init(_ account: Ledger.Account, _ sums: DaySums, name: String?) {
        person = account.id
        self.name = name
        balance = account.balance
        day = account.day
        opening = account.opening
        credited = account.credited
        debited = account.debited
        earned = sums.earned
        charged = sums.charged
        corrections = sums.corrections
        operations = account.operations
        openedAt = account.openedAt
    }

    static let schema = Schema.object(
        "Account",
        [
            .init("person", .id, "Whose account it is"),
            .init("name", .optional(.string), "Their name, where it is known yet"),
            .init("balance", .cents, "What the company owes the person; below zero, what the person owes"),
            .init("day", .day, "The business day on which the account stands open"),
            .init("opening", .cents, "The balance at the beginning of that day"),
            .init("credited", .cents, "Added on that day: earned, and corrections above zero"),
            .init("debited", .cents, "Taken on that day: charged, and corrections below zero"),
            .init("earned", .cents, "Rewards of that day"),
            .init("charged", .cents, "Fees of that day"),
            .init("corrections", .cents, "What corrections of that day added; below zero where they took"),
            .init("operations", .integer(0...Int64.max), "How many operations that day has"),
            .init("opened_at", .instant, "When the account was opened"),
        ])
}

/// A line of the list of accounts.
struct AccountLineView: Encodable, Sendable {
    let person: ID
    let name: String
    let balance: Cents

    init(_ line: AccountLine) {
        person = line.person
        name = line.name
        balance = line.balance
    }

    static let schema = Schema.object(
        "AccountLine",
        [
            .init("person", .id, "Whose account it is"),
            .init("name", .string, "Their name; empty where it is not known yet"),
            .init("balance", .cents, "The balance"),
        ])
}

/// One operation on an account.
struct OperationView: Encodable, Sendable {
    let entry: ID
    let kind: String
    let sum: Cents
    let balance: Cents
    let day: Day
    let time: Instant
    let task: ID?
    let title: String?
    let jiraID: String?
    let reason: String?
    let corrects: ID?
    let by: ID?
    let confirmedBy: ID?

    enum CodingKeys: String, CodingKey {
        case entry, kind, sum, balance, day, time, task, title, reason, corrects, by
        case jiraID = "jira_id"
        case confirmedBy = "confirmed_by"
    }

    init(_ entry: Ledger.Entry, confirmedBy: ID? = nil) {
        self.entry = entry.id
        kind = entry.kind
        sum = entry.amount
        balance = entry.balance
        day = entry.day
        time = entry.at
        task = entry.memo.subject
        title = entry.memo.title
        jiraID = entry.memo.reference
        reason = entry.memo.reason
        corrects = entry.memo.corrects
        by = entry.memo.author
        self.confirmedBy = confirmedBy
    }

    static let schema = Schema.object(
        "Operation",
        [
            .init("entry", .id, "Its id; a correction names it"),
            .init("kind", .choice([Books.fee, Books.reward, Books.payout, Books.correction]), "What it is"),
            .init("sum", .cents, "Below zero where it was taken from the person"),
            .init("balance", .cents, "After it"),
            .init("day", .day, "The business day on which it was booked"),
            .init("time", .instant, "When it was booked"),
            .init("task", .optional(.id), "The task that it is for"),
            .init("title", .optional(.string), "The task's title as it was"),
            .init("jira_id", .optional(.string), "The task's id elsewhere, as it was"),
            .init("reason", .optional(.string), "Why it was entered: corrections only"),
            .init("corrects", .optional(.id), "The operation that it puts right"),
            .init("by", .optional(.id), "Who entered it"),
            .init("confirmed_by", .optional(.id), "Who confirmed it, where somebody had to"),
        ])
}

/// The company's money on one day.
struct CompanyDayView: Encodable, Sendable {
    let day: Day
    let fees: Cents
    let rewards: Cents
    let corrections: Cents
    let income: Cents
    let paid: Cents
    let operations: Int

    init(_ day: CompanyDay) throws {
        self.day = day.day
        fees = day.fees
        rewards = day.rewards
        corrections = day.corrections
        income = try day.income()
        paid = day.paid
        operations = day.operations
    }

    static let schema = Schema.object(
        "CompanyDay",
        [
            .init("day", .day, "The business day"),
            .init("fees", .cents, "Charged"),
            .init("rewards", .cents, "Earned"),
            .init("corrections", .cents, "What corrections gave to people; below zero where they took"),
            .init("income", .cents, "Fees less rewards less corrections"),
            .init("paid", .cents, "Moved to clearing at the close; no part of the income"),
            .init("operations", .integer(0...Int64.max), "Fees, rewards and corrections booked"),
        ])
}

/// The company's money over a range.
struct CompanyMoneyView: Encodable, Sendable {
    let today: CompanyDayView
    let days: [CompanyDayView]

    static let schema = Schema.object(
        "CompanyMoney",
        [
            .init("today", CompanyDayView.schema, "The open day so far"),
            .init("days", .list(CompanyDayView.schema), "Each day of the range"),
        ])
}

/// A task's two prices.
struct PriceView: Encodable, Sendable {
    let task: ID
    let fee: Cents
    let reward: Cents
    let title: String
    let jiraID: String?
    let time: Instant

    enum CodingKeys: String, CodingKey {
        case task, fee, reward, title, time
        case jiraID = "jira_id"
    }

    init(_ price: Price) {
        task = price.task
        fee = price.fee
        reward = price.reward
        title = price.title
        jiraID = price.jiraID
        time = price.at
    }

    static let schema = Schema.object(
        "Price",
        [
            .init("task", .id, "The task"),
            .init("fee", .cents, "Charged for every assignment"),
            .init("reward", .cents, "Credited for the completion"),
            .init("title", .string, "The task's title when it was first seen"),
            .init("jira_id", .optional(.string), "Its id elsewhere, then"),
            .init("time", .instant, "When the prices were drawn"),
        ])
}
