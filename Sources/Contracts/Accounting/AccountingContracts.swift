import Directory
import Messaging
import Schemas
import Values

extension TaskPriced: Contract {
    package static let about = "A task's two prices were drawn, once and for good"
    package static let keyField = "person"
    package static let shape = Shape("TaskPriced", TaskPriced.init) {
        Field("task", \.task, "The task")
        Field("person", \.person, "The task's first assignee; the event's key")
        Field("fee", \.fee, "What each assignment costs, whole cents")
        Field("reward", \.reward, "What completion brings, whole cents")
        Field("time", \.time, "When it was booked")
    }
    package static var example: TaskPriced {
        TaskPriced(
            task: Examples.task, person: Examples.emma, fee: .units(14), reward: .units(31), time: Examples.time)
    }
}

/// The fields that `employee-charged` and `employee-rewarded` share.
extension Operation: Shaped {
    package static let shape = Shape("Operation", Operation.init) {
        Field("task", \.task, "What for")
        Field("title", \.title, "The task's title as it was")
        Field("jira_id", \.jiraID, "The ticket that it belonged to")
        Field("person", \.person, "Whose account; the event's key")
        Field("sum", \.sum, "Always positive, whole cents")
        Field("balance", \.balance, "The account's balance after it, whole cents")
        Field("day", \.day, "The business day on which it was booked")
        Field("time", \.time, "When it was booked")
    }
}

private func exampleOperation(sum: Cents, balance: Cents) -> Operation {
    Operation(
        task: Examples.task, title: "Feed the cat", jiraID: "POP-42", person: Examples.emma, sum: sum,
        balance: balance, day: Examples.day, time: Examples.time)
}

extension EmployeeCharged: Contract {
    package static let shape = Operation.shape.wrapped("EmployeeCharged", \.operation, EmployeeCharged.init)
    package static let about = "A fee was charged for an assignment"
    package static let keyField = "person"
    package static var example: EmployeeCharged {
        EmployeeCharged(operation: exampleOperation(sum: .units(14), balance: .units(-14)))
    }
}

extension EmployeeRewarded: Contract {
    package static let shape = Operation.shape.wrapped("EmployeeRewarded", \.operation, EmployeeRewarded.init)
    package static let about = "A reward was credited for a completion"
    package static let keyField = "person"
    package static var example: EmployeeRewarded {
        EmployeeRewarded(operation: exampleOperation(sum: .units(31), balance: .units(17)))
    }
}

extension DayClosed: Contract {
    package static let about = "One account was closed for one business day"
    package static let keyField = "person"
    package static let shape = Shape("DayClosed", DayClosed.init) {
        Field("person", \.person, "Whose account; the event's key")
        Field("day", \.day, "The business day that was closed")
        Field("opening", \.opening, "The balance at its beginning, whole cents")
        Field("closing", \.closing, "The balance at its end, before the payout, whole cents")
        Field("paid", \.paid, "What is paid out; 0 where the balance was not positive")
        Field("operations", \.operations, "How many the day had, the payout not counted")
        Field("time", \.time, "When it was booked")
    }
    package static var example: DayClosed {
        DayClosed(
            person: Examples.emma, day: Examples.day, opening: .zero, closing: .units(17), paid: .units(17),
            operations: 2, time: Examples.time)
    }
}

extension PayoutRequested: Contract {
    package static let about = "A positive balance is to be paid out"
    package static let keyField = "person"
    package static let shape = Shape("PayoutRequested", PayoutRequested.init) {
        Field("payout", \.payout, "The payout, from now on")
        Field("person", \.person, "Whose account; the event's key")
        Field("day", \.day, "The business day whose close it belongs to")
        Field("sum", \.sum, "Always positive, whole cents")
        Field("time", \.time, "When it was booked")
    }
    package static var example: PayoutRequested {
        PayoutRequested(
            payout: Examples.other, person: Examples.emma, day: Examples.day, sum: .units(17), time: Examples.time)
    }
}

extension EntryCorrected: Contract {
    package static let about = "A new transaction puts an earlier one right"
    package static let keyField = "person"
    package static let shape = Shape("EntryCorrected", EntryCorrected.init) {
        Field("entry", \.entry, "The new entry")
        Field("corrects", \.corrects, "The entry that it corrects")
        Field("person", \.person, "Whose account; the event's key")
        Field("sum", \.sum, "Signed: what it adds to the balance, whole cents")
        Field("balance", \.balance, "The account's balance after it, whole cents")
        Field("reason", \.reason, "Why, in the accountant's words")
        Field("by", \.by, "Who entered it")
        Field("confirmed_by", \.confirmedBy, "Who confirmed it, where it is larger than what it corrects")
        Field("kind", \.kind, .open(["fee", "reward", "correction"]), "What it corrects")
        Field("day", \.day, "The business day on which it was booked")
        Field("time", \.time, "When it was booked")
    }
    package static var example: EntryCorrected {
        EntryCorrected(
            entry: Examples.other, corrects: Examples.another, person: Examples.emma, sum: .units(-5),
            balance: .units(12), reason: "Entered twice", by: Examples.abe, confirmedBy: Examples.leo,
            kind: "reward", day: Examples.day,
            time: Examples.time)
    }
}

extension EntryCorrected: AuditedContract {
    package static let kinds: [String: AuditArea] = ["correction": .money]
    package var audit: Audit? {
        var audit = Audit("correction", of: person, by: by)
        audit.confirmedBy = confirmedBy
        audit.sum = sum
        audit.reason = reason
        return audit
    }
}

extension DaySealed: Contract {
    package static let about = "A business day is closed for every account"
    package static let keyField = "installation"
    package static let shape = Shape("DaySealed", DaySealed.init) {
        Field("installation", \.installation, "The event's key: one for the whole installation")
        Field("day", \.day, "The business day")
        Field("accounts", \.accounts, "How many were closed")
        Field("operations", \.operations, "How many the day had")
        Field("seal", \.seal, "SHA-256 over the heads of all chains, lower-case hexadecimal")
        Field("time", \.time, "When it was booked")
    }
    package static var example: DaySealed {
        DaySealed(
            installation: Examples.installation, day: Examples.day, accounts: 40, operations: 512,
            seal: String(repeating: "0a", count: 32), time: Examples.time)
    }
}
