import Messaging
import Values

extension Topic {
    package static let accounting = Topic("accounting")
}

/// A task's two prices were drawn, once and for good (X21), in cents. The key is the task's first assignee, because all
/// of Accounting's events have a person as their key.
package struct TaskPriced: Sendable {
    package static let topic = Topic.accounting
    package static let name = "task-priced"
    package static let version = 1

    package let task: ID
    package let person: ID
    package let fee: Cents
    package let reward: Cents
    package let time: Instant
    package var key: ID { person }

    package init(task: ID, person: ID, fee: Cents, reward: Cents, time: Instant) {
        self.task = task
        self.person = person
        self.fee = fee
        self.reward = reward
        self.time = time
    }
}

/// The fields that `employee-charged` and `employee-rewarded` share (X52): one operation on a person's account.
package struct Operation: Sendable, Hashable {
    package let task: ID
    /// The title at that time.
    package let title: String
    package let jiraID: String?
    package let person: ID
    /// Cents, always positive; the event's name gives the direction.
    package let sum: Cents
    /// The account's balance after it, cents.
    package let balance: Cents
    /// The business day on which it was booked (X25).
    package let day: Day
    package let time: Instant

    package init(
        task: ID, title: String, jiraID: String?, person: ID, sum: Cents, balance: Cents, day: Day, time: Instant
    ) {
        self.task = task
        self.title = title
        self.jiraID = jiraID
        self.person = person
        self.sum = sum
        self.balance = balance
        self.day = day
        self.time = time
    }
}

/// A fee was charged for an assignment (X22).
package struct EmployeeCharged: Sendable {
    package static let topic = Topic.accounting
    package static let name = "employee-charged"
    package static let version = 1

    package let operation: Operation
    package var key: ID { operation.person }

    package init(operation: Operation) { self.operation = operation }
}

/// A reward was credited for a completion (X22).
package struct EmployeeRewarded: Sendable {
    package static let topic = Topic.accounting
    package static let name = "employee-rewarded"
    package static let version = 1

    package let operation: Operation
    package var key: ID { operation.person }

    package init(operation: Operation) { self.operation = operation }
}

/// One account was closed for one business day (X26). Sums are in cents.
package struct DayClosed: Sendable {
    package static let topic = Topic.accounting
    package static let name = "day-closed"
    package static let version = 1

    package let person: ID
    package let day: Day
    package let opening: Cents
    /// The balance before the payout.
    package let closing: Cents
    /// Moved to clearing at the close; 0 if the balance was not positive.
    package let paid: Cents
    /// How many operations the day had, without the payout.
    package let operations: Int
    package let time: Instant
    package var key: ID { person }

    package init(
        person: ID, day: Day, opening: Cents, closing: Cents, paid: Cents, operations: Int, time: Instant
    ) {
        self.person = person
        self.day = day
        self.opening = opening
        self.closing = closing
        self.paid = paid
        self.operations = operations
        self.time = time
    }
}

/// A positive balance was moved to clearing and has to be paid out (X26, X28). The event's id is the payout's id.
package struct PayoutRequested: Sendable {
    package static let topic = Topic.accounting
    package static let name = "payout-requested"
    package static let version = 1

    package let payout: ID
    package let person: ID
    package let day: Day
    package let sum: Cents
    package let time: Instant
    package var key: ID { person }

    package init(payout: ID, person: ID, day: Day, sum: Cents, time: Instant) {
        self.payout = payout
        self.person = person
        self.day = day
        self.sum = sum
        self.time = time
    }
}

/// A new transaction that corrects an earlier one (X23).
package struct EntryCorrected: Sendable {
    package static let topic = Topic.accounting
    package static let name = "entry-corrected"
    package static let version = 1

    package let entry: ID
    /// The entry that it corrects.
    package let corrects: ID
    package let person: ID
    /// The amount added to the person's balance; negative if it was taken.
    package let sum: Cents
    package let balance: Cents
    package let reason: String
    package let by: ID
    /// Who confirmed it, if it is larger than what it corrects.
    package let confirmedBy: ID?
    /// The kind of what it corrects: `fee`, `reward` or `correction`. It decides on which side of management's income
    /// it counts.
    package let kind: String
    package let day: Day
    package let time: Instant
    package var key: ID { person }

    package init(
        entry: ID, corrects: ID, person: ID, sum: Cents, balance: Cents, reason: String, by: ID,
        confirmedBy: ID? = nil, kind: String, day: Day, time: Instant
    ) {
        self.entry = entry
        self.corrects = corrects
        self.person = person
        self.sum = sum
        self.balance = balance
        self.reason = reason
        self.by = by
        self.confirmedBy = confirmedBy
        self.kind = kind
        self.day = day
        self.time = time
    }
}

/// A business day is closed for every account: one hash over the last hashes of all chains.
package struct DaySealed: Sendable {
    package static let topic = Topic.accounting
    package static let name = "day-sealed"
    package static let version = 1

    /// One key for all such events, so that they stay in order.
    package let installation: ID
    package let day: Day
    package let accounts: Int
    package let operations: Int
    /// Lower-case hexadecimal SHA-256.
    package let seal: String
    package let time: Instant
    package var key: ID { installation }

    package init(installation: ID, day: Day, accounts: Int, operations: Int, seal: String, time: Instant) {
        self.installation = installation
        self.day = day
        self.accounts = accounts
        self.operations = operations
        self.seal = seal
        self.time = time
    }
}
