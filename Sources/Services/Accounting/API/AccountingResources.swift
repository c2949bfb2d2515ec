import Ledger
import Schemas
import Values

/// An account, its owner, and the sums of its day so far.
struct AccountToday: Sendable {
    let account: Ledger.Account
    let sums: DaySums
    let name: String?

    static let resource = Resource<AccountToday>("Account") {
        Field("person", \.account.id, "Whose account it is")
        Field("name", \.name, "Their name, where it is known yet")
        Field("balance", \.account.balance, "What the company owes the person; below zero, what the person owes")
        Field("day", \.account.day, "The business day on which the account stands open")
        Field("opening", \.account.opening, "The balance at the beginning of that day")
        Field("credited", \.account.credited, "Added on that day: earned, and corrections above zero")
        Field("debited", \.account.debited, "Taken on that day: charged, and corrections below zero")
        Field("earned", \.sums.earned, "Rewards of that day")
        Field("charged", \.sums.charged, "Fees of that day")
        Field("corrections", \.sums.corrections, "What corrections of that day added; below zero where they took")
        Field("operations", \.account.operations, "How many operations that day has")
        Field("opened_at", \.account.openedAt, "When the account was opened")
    }
}

extension AccountLine: Shown {
    /// A line of the list of accounts, as programs see it.
    static let resource = Resource<AccountLine>("AccountLine") {
        Field("person", \.person, "Whose account it is")
        Field("name", \.name, "Their name; empty where it is not known yet")
        Field("balance", \.balance, "The balance")
    }
}

extension AccountOperation {
    /// One operation on an account, as programs see it.
    static let resource = Resource<AccountOperation>("Operation") {
        Field("entry", \.entry.id, "Its id; a correction names it")
        Field("kind", \.entry.kind, .choice([Books.fee, Books.reward, Books.payout, Books.correction]), "What it is")
        Field("sum", \.entry.amount, "Below zero where it was taken from the person")
        Field("balance", \.entry.balance, "After it")
        Field("day", \.entry.day, "The business day on which it was booked")
        Field("time", \.entry.at, "When it was booked")
        Field("task", \.entry.memo.subject, "The task that it is for")
        Field("title", \.entry.memo.title, "The task's title as it was")
        Field("jira_id", \.entry.memo.reference, "The task's id elsewhere, as it was")
        Field("reason", \.entry.memo.reason, "Why it was entered: corrections only")
        Field("corrects", \.entry.memo.corrects, "The operation that it puts right")
        Field("by", \.entry.memo.author, "Who entered it")
        Field("confirmed_by", \.confirmedBy, "Who confirmed it, where somebody had to")
    }
}

/// The company's money on one day, with the income.
struct CompanyDayLine: Shown {
    let day: CompanyDay
    let income: Cents

    init(_ day: CompanyDay) throws {
        self.day = day
        income = try day.income()
    }

    static let resource = Resource<CompanyDayLine>("CompanyDay") {
        Field("day", \.day.day, "The business day")
        Field("fees", \.day.fees, "Charged")
        Field("rewards", \.day.rewards, "Earned")
        Field("corrections", \.day.corrections, "What corrections gave to people; below zero where they took")
        Field("income", \.income, "Fees less rewards less corrections")
        Field("paid", \.day.paid, "Moved to clearing at the close; no part of the income")
        Field("operations", \.day.operations, "Fees, rewards and corrections booked")
    }
}

/// The company's money over a range.
struct CompanyMoney: Sendable {
    let today: CompanyDayLine
    let days: [CompanyDayLine]

    static let resource = Resource<CompanyMoney>("CompanyMoney") {
        Field("today", \.today, "The open day so far")
        Field("days", \.days, "Each day of the range")
    }
}

extension Price {
    /// A task's two prices, as programs see them.
    static let resource = Resource<Price>("Price") {
        Field("task", \.task, "The task")
        Field("fee", \.fee, "Charged for every assignment")
        Field("reward", \.reward, "Credited for the completion")
        Field("title", \.title, "The task's title when it was first seen")
        Field("jira_id", \.jiraID, "Its id elsewhere, then")
        Field("time", \.at, "When the prices were drawn")
    }
}
