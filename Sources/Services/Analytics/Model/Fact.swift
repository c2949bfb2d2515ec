import Contracts
import Messaging
import Values

/// The content of one event of Accounting that figures need. The day is the one in the event (X25).
struct Fact: Sendable {
    enum Kind: String, Sendable {
        case fee, reward, correction
    }

    /// One operation on a person's account.
    struct Operation: Sendable {
        let kind: Kind
        /// Negative if it was taken from the person.
        let sum: Cents
        let balance: Cents
        /// Whether it counts as a reward of the day, or as a fee. A correction counts like the entry that it corrects.
        let isOfRewards: Bool
        let task: ID?
        let title: String?
        let jiraID: String?
        let reason: String?
        let time: Instant
    }

    enum Content: Sendable {
        case operation(Operation)
        /// One account was closed for the day: its balance before the payout, and what was paid.
        case close(closing: Cents, paid: Cents, operations: Int)
        /// The day is closed for all: how many accounts and operations it has.
        case seal(accounts: Int, operations: Int)
    }

    let id: ID
    let partition: Int
    /// The event's place in its partition: of two events about one person, the later one has the greater number.
    let number: Int64
    let person: ID
    let day: Day
    let content: Content

    /// The events that figures are made of.
    static let events: Set<String> = [
        EmployeeCharged.type, EmployeeRewarded.type, EntryCorrected.type, DayClosed.type, DaySealed.type,
    ]

    /// Reads an event field by field, because analytics reads every event of Accounting and speed matters. A test
    /// proves that the result equals what the events' own types read.
    /// - Throws: `UnreadableEvent`.
    init(_ envelope: Envelope) throws {
        let fields = try EventFields(envelope)
        id = envelope.id
        partition = envelope.partition
        number = envelope.number
        person = envelope.key
        day = try fields.value("day")
        switch envelope.type {
        case EmployeeCharged.type: content = .operation(try Operation(fields, .fee))
        case EmployeeRewarded.type: content = .operation(try Operation(fields, .reward))
        case EntryCorrected.type: content = .operation(try Operation(fields, .correction))
        case DayClosed.type:
            content = .close(
                closing: Cents(try fields.integer("closing")), paid: Cents(try fields.integer("paid")),
                operations: Int(try fields.integer("operations")))
        case DaySealed.type:
            content = .seal(
                accounts: Int(try fields.integer("accounts")), operations: Int(try fields.integer("operations")))
        default: throw UnreadableEvent(reason: "figures are not made of \(envelope.type)")
        }
    }
}

extension Fact.Operation {
    fileprivate init(_ fields: EventFields, _ kind: Fact.Kind) throws {
        self.kind = kind
        let sum = Cents(try fields.integer("sum"))
        self.sum = kind == .fee ? try sum.negated() : sum
        balance = Cents(try fields.integer("balance"))
        time = try fields.value("time")
        if kind == .correction {
            isOfRewards = try fields.value("kind") == Fact.Kind.reward.rawValue
            reason = try fields.value("reason")
            (task, title, jiraID) = (nil, nil, nil)
        } else {
            isOfRewards = kind == .reward
            reason = nil
            task = try fields.value("task")
            title = try fields.value("title")
            jiraID = try fields.optional("jira_id")
        }
    }
}
