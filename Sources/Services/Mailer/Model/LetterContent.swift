import Values

/// The facts of a letter, as they were when it was written. ``LetterWriter`` makes the text from them, so a letter that
/// is never sent costs no more than its facts.
enum LetterContent: Codable, Sendable, Hashable {
    /// An account was made for the reader.
    case account
    /// Tasks were assigned to the reader; `more` is how many were too many to list.
    case assigned(tasks: [Task], more: Int)
    /// A business day's balance is sent for payment.
    case payout(Payout)
    /// The way the reader signs in, or what they may do, was changed.
    case access(Access)
    /// The reader's destination for payouts was changed.
    case destination(Destination)
    /// Somebody asked for a link that signs the reader in. The link is made when the letter is sent, and is kept nowhere
    /// (S8).
    case link(Link)

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
        /// How many operations of the day were too many to list.
        let more: Int
    }

    struct Access: Codable, Sendable, Hashable {
        /// The value in `access-changed`.
        let what: String
        let before: String?
        let after: String?
        /// The name of the person who did it; `nil` for the reader, and for the program itself.
        let by: String?
        let at: Instant
        /// The name of the person whose access it is, if the reader is somebody else.
        var whose: String?
    }

    struct Link: Codable, Sendable, Hashable {
        /// The link's name, by which Identity makes it.
        let ask: ID
        let next: String?
    }

    struct Destination: Codable, Sendable, Hashable {
        /// The last four characters of the number.
        let tail: String
        let before: String?
        let at: Instant
    }

    struct Operation: Codable, Sendable, Hashable {
        enum Kind: String, Codable, Sendable {
            case fee, reward, correction
        }

        let kind: Kind
        /// The task's title at that time, or the reason of a correction.
        let what: String
        let jiraID: String?
        /// Negative if it was taken.
        let sum: Cents
        let balance: Cents
        let at: Instant
    }

    /// More items than this are counted and not listed, so that people can read the letter.
    static let longestList = 200

    var kind: Letter.Kind {
        switch self {
        case .account: .account
        case .assigned: .assigned
        case .payout: .payout
        case .access: .access
        case .destination: .destination
        case .link: .link
        }
    }
}
