import Values

/// What must be true, written from the rules and not from the code: tasks, prices, accounts and closes in plain Swift.
/// It is a value, so that a restore can take it back.
struct AuditModel: Sendable {
    struct Person: Sendable, Equatable {
        var name: String
        /// Empty if there is none.
        var email: String
        var roles: Set<String>
        var active: Bool
    }

    struct Task: Sendable {
        let title: String
        let creator: ID
        var assignee: ID
        var completedBy: String?
        /// What the task's events cost and earn, in order, as far as it is not booked yet (X22, X41).
        var owed: [Owed] = []
    }

    struct Owed: Sendable {
        let event: ID
        let person: ID
        let isReward: Bool
    }

    struct Account: Sendable {
        var balance: Int64 = 0
        /// The account's open day; all days before it, since the account was opened, are closed.
        var day: Int
        var opening: Int64 = 0
        var operations = 0
    }

    struct Totals: Sendable, Equatable {
        var fees: Int64 = 0
        var rewards: Int64 = 0
        var operations = 0
        var paid: Int64 = 0
        var payouts = 0
        var closes = 0
        var belowZero = 0
    }

    /// A payment that a close has requested.
    struct Payout: Sendable {
        let person: ID
        let sum: Int64
        var isPaid = false
    }

    /// A close with a payout, which must have a letter.
    struct PaidClose: Sendable {
        let person: ID
        let day: Int
        let sum: Int64
    }

    /// A passkey that was made and not removed.
    struct Passkey: Sendable {
        let person: ID
        /// The counter of the last session that began with it.
        var counter: UInt32
        var isSuspect = false
    }

    var people: [ID: Person] = [:]
    /// By their names: each has a name of its own.
    var passkeys: [String: Passkey] = [:]
    /// Of those who have one.
    var passwords: [ID: String] = [:]
    var tasks: [ID: Task] = [:]
    /// The tasks in the order of creation.
    var order: [ID] = []
    var open: Int { order.count - done }
    var done = 0
    var accounts: [ID: Account] = [:]
    var days: [Int: Totals] = [:]
    var sealed: Set<Int> = []
    var openDay = 0
    /// Entries that can be corrected: the account of each, and whether it is a fee.
    var entries: [ID: (account: ID, isFee: Bool)] = [:]
    /// What a request made, by the request's id, which is its idempotency key.
    var made: [String: ID] = [:]
    /// Payouts that a close has requested; the close of their account must still report them.
    var requested: [ID: Int64] = [:]
    var payouts: [ID: Payout] = [:]
    /// By the id of the event that reports the close.
    var paid: [ID: PaidClose] = [:]
    /// Events that an admin gave up, or may have.
    var discarded: Set<ID> = []
    /// How far each journal has been read.
    var read: [String: Int64] = [:]
    var confirmed: Int?
    /// How often each imported title occurred in one file that was accepted.
    var imported: [String: Int] = [:]

    /// The password that a request sets.
    static func password(setBy request: String) -> String { "correct horse \(request)" }
}
