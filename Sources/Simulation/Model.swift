import Values

/// What must be true, as the rules say it and not as the code does: tasks, prices, accounts and closes in plain Swift.
/// A value, so that it goes back with a backup.
struct Model: Sendable {
    struct Person: Sendable, Equatable {
        var name: String
        var roles: Set<String>
        var active: Bool
    }

    struct Task: Sendable {
        let title: String
        let creator: ID
        var assignee: ID
        var completedBy: String?
        /// What its events cost and bring, in their order, as far as it is not booked yet (X22, X41).
        var owed: [Owed] = []
    }

    struct Owed: Sendable {
        let event: ID
        let person: ID
        let isReward: Bool
    }

    struct Account: Sendable {
        var balance: Int64 = 0
        /// Stands open on this day; all before, since it was opened, are closed.
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

    /// What a close has asked to be paid.
    struct Payout: Sendable {
        let person: ID
        let sum: Int64
        var isPaid = false
    }

    /// A close with a payout: there is a letter about it.
    struct PaidClose: Sendable {
        let person: ID
        let day: Int
        let sum: Int64
    }

    var people: [ID: Person] = [:]
    var tasks: [ID: Task] = [:]
    /// The order of creation.
    var order: [ID] = []
    var open: Int { order.count - done }
    var done = 0
    var accounts: [ID: Account] = [:]
    var days: [Int: Totals] = [:]
    var sealed: Set<Int> = []
    var openDay = 0
    /// Entries that can be corrected: whose they are, and whether they are fees.
    var entries: [ID: (account: ID, isFee: Bool)] = [:]
    /// What a request made, by its id, which is its idempotency key.
    var made: [String: ID] = [:]
    /// Payouts and events that an account's close must still tell of.
    var requested: [ID: Int64] = [:]
    var payouts: [ID: Payout] = [:]
    /// By the event that tells of it.
    var paid: [ID: PaidClose] = [:]
    /// Events that an admin gave up, or may have.
    var discarded: Set<ID> = []
    /// How far each journal is read.
    var read: [String: Int64] = [:]
    var confirmed: Int?
    /// How often each imported title stood in one file that was taken in.
    var imported: [String: Int] = [:]
}
