import Values

/// What a letter says, as it was when it was written: facts, which ``LetterWriter`` puts into words. So a letter that is
/// only kept costs no more than its facts.
enum LetterContent: Codable, Sendable, Hashable {
    /// An account was made for the reader.
    case account
    /// Tasks were dealt to the reader; `more` were too many to name.
    case assigned(tasks: [Task], more: Int)
    /// A business day's balance is sent for payment.
    case payout(Payout)
    /// How the reader gets in, or what they may do, was changed.
    case access(Access)
    /// Where the reader's money goes was changed.
    case destination(Destination)

    struct Task: Codable, Sendable, Hashable {
        let id: ID
        let title: String
        let jiraID: String?
    }

    struct Payout: Codable, Sendable, Hashable {
        let day: Day
        let opening: Cents
        let paid: Cents
        let operations: [Operation]
        /// Operations of the day that were too many to name.
        let more: Int
    }

    struct Access: Codable, Sendable, Hashable {
        /// `access-changed` has it.
        let what: String
        let before: String?
        let after: String?
        /// The name of who did it; `nil` for the reader, and for the program itself.
        let by: String?
        let at: Instant
    }

    struct Destination: Codable, Sendable, Hashable {
        /// The last four of the number.
        let tail: String
        let before: String?
        let at: Instant
    }

    struct Operation: Codable, Sendable, Hashable {
        enum Kind: String, Codable, Sendable {
            case fee, reward, correction
        }

        let kind: Kind
        /// The task's title as it was; the reason of a correction.
        let what: String
        let jiraID: String?
        /// Signed.
        let sum: Cents
        let balance: Cents
        let at: Instant
    }

    /// More than these are counted, not named: a letter is to be read.
    static let longestList = 200

    var kind: Letter.Kind {
        switch self {
        case .account: .account
        case .assigned: .assigned
        case .payout: .payout
        case .access: .access
        case .destination: .destination
        }
    }
}
