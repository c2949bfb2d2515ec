import Values
import Web

private let personField = Schema.Field("person", .id, "Whose account; the event's key")
private let dayField = Schema.Field("day", .day, "The business day on which it was booked")
private let timeField = Schema.Field("time", .instant, "When it was booked")

extension TaskPriced: Contract {
    package static let about = "A task's two prices were drawn, once and for good"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        Schema.Field("task", .id, "The task"),
        Schema.Field("person", .id, "The task's first assignee; the event's key"),
        Schema.Field("fee", .cents, "What each assignment costs, whole cents"),
        Schema.Field("reward", .cents, "What completion brings, whole cents"), timeField,
    ]
    package static var example: TaskPriced {
        TaskPriced(
            task: Examples.task, person: Examples.emma, fee: .units(14), reward: .units(31), time: Examples.time)
    }
}

/// What `employee-charged` and `employee-rewarded` share.
private let operationFields: [Schema.Field] = [
    Schema.Field("task", .id, "What for"), Schema.Field("title", .string, "The task's title as it was"),
    Schema.Field("jira_id", .optional(.string), "The ticket that it belonged to"), personField,
    Schema.Field("sum", .cents, "Always positive, whole cents"),
    Schema.Field("balance", .cents, "The account's balance after it, whole cents"), dayField, timeField,
]

private func exampleOperation(sum: Cents, balance: Cents) -> Operation {
    Operation(
        task: Examples.task, title: "Feed the cat", jiraID: "POP-42", person: Examples.emma, sum: sum,
        balance: balance, day: Examples.day, time: Examples.time)
}

extension EmployeeCharged: Contract {
    package static let about = "A fee was charged for an assignment"
    package static let keyField = "person"
    package static let fields = operationFields
    package static var example: EmployeeCharged {
        EmployeeCharged(operation: exampleOperation(sum: .units(14), balance: .units(-14)))
    }
}

extension EmployeeRewarded: Contract {
    package static let about = "A reward was credited for a completion"
    package static let keyField = "person"
    package static let fields = operationFields
    package static var example: EmployeeRewarded {
        EmployeeRewarded(operation: exampleOperation(sum: .units(31), balance: .units(17)))
    }
}

extension DayClosed: Contract {
    package static let about = "One account was closed for one business day"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        personField, Schema.Field("day", .day, "The business day that was closed"),
        Schema.Field("opening", .cents, "The balance at its beginning, whole cents"),
        Schema.Field("closing", .cents, "The balance at its end, before the payout, whole cents"),
        Schema.Field("paid", .cents, "What is paid out; 0 where the balance was not positive"),
        Schema.Field("operations", .integer(0...Int64.max), "How many the day had, the payout not counted"), timeField,
    ]
    package static var example: DayClosed {
        DayClosed(
            person: Examples.emma, day: Examples.day, opening: .zero, closing: .units(17), paid: .units(17),
            operations: 2, time: Examples.time)
    }
}

extension PayoutRequested: Contract {
    package static let about = "A positive balance is to be paid out"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        Schema.Field("payout", .id, "The payout, from now on"), personField,
        Schema.Field("day", .day, "The business day whose close it belongs to"),
        Schema.Field("sum", .cents, "Always positive, whole cents"), timeField,
    ]
    package static var example: PayoutRequested {
        PayoutRequested(
            payout: Examples.other, person: Examples.emma, day: Examples.day, sum: .units(17), time: Examples.time)
    }
}

extension EntryCorrected: Contract {
    package static let about = "A new transaction puts an earlier one right"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        Schema.Field("entry", .id, "The new entry"), Schema.Field("corrects", .id, "The entry that it corrects"),
        personField, Schema.Field("sum", .cents, "Signed: what it adds to the balance, whole cents"),
        Schema.Field("balance", .cents, "The account's balance after it, whole cents"),
        Schema.Field("reason", .string, "Why, in the accountant's words"), Schema.Field("by", .id, "Who entered it"),
        Schema.Field("confirmed_by", .optional(.id), "Who confirmed it, where it is larger than what it corrects"),
        Schema.Field("kind", .open(["fee", "reward", "correction"]), "What it corrects"), dayField, timeField,
    ]
    package static var example: EntryCorrected {
        EntryCorrected(
            entry: Examples.other, corrects: Examples.another, person: Examples.emma, sum: .units(-5),
            balance: .units(12), reason: "Entered twice", by: Examples.abe, confirmedBy: Examples.leo,
            kind: "reward", day: Examples.day,
            time: Examples.time)
    }
}

extension DaySealed: Contract {
    package static let about = "A business day is closed for every account"
    package static let keyField = "installation"
    package static let fields: [Schema.Field] = [
        Schema.Field("installation", .id, "The event's key: one for the whole installation"),
        Schema.Field("day", .day, "The business day"),
        Schema.Field("accounts", .integer(0...Int64.max), "How many were closed"),
        Schema.Field("operations", .integer(0...Int64.max), "How many the day had"),
        Schema.Field("seal", .string, "SHA-256 over the heads of all chains, lower-case hexadecimal"), timeField,
    ]
    package static var example: DaySealed {
        DaySealed(
            installation: Examples.installation, day: Examples.day, accounts: 40, operations: 512,
            seal: String(repeating: "0a", count: 32), time: Examples.time)
    }
}
