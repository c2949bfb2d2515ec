import Schemas
import Storage
import Values

extension PayoutLine {
    /// A payout, as programs see it.
    static let resource = Resource<PayoutLine>("Payout") {
        Field(
            "payout", \.payout.id,
            "The payout; also the operation on the account, and the idempotency key at the provider")
        Field("person", \.payout.person, "Who is paid")
        Field("name", \.name, "Their name; empty where it is not known yet")
        Field("day", \.payout.day, "The business day whose close asked for it")
        Field("sum", \.payout.sum, "How much")
        Field("state", \.payout.state, "Where it stands")
        Field("waits_for", \.waitsFor, "What a pending one waits for")
        Field("destination", { $0.tail.map(Destination.masked) }, "Where to, masked")
        Field("attempt", \.payout.attempt, .integer(0...1_000_000), "How often it was handed to the provider")
        Field(
            "reason", { $0.payout.state == .failed ? $0.reason : nil }, "Why it failed, in the provider's words")
        Field("released_by", \.payout.releasedBy, "Who released it, where it was above the limit")
        Field("requested_at", \.payout.requestedAt, "When the close asked for it")
        Field("changed_at", \.payout.changedAt, "When it came to its state")
    }
}

extension Attempt: Shown {
    /// One attempt at a payout, as programs see it.
    static let resource = Resource<Attempt>("PayoutAttempt") {
        Field("number", \.number, .integer(1...1_000_000), "From 1")
        Field("provider", \.provider, "Through whom")
        Field("destination", { $0.tail.map(Destination.masked) }, "Where it was sent to, masked")
        Field("by", \.askedBy, "Who asked for it, where it is a retry")
        Field("settled_by", \.settledBy, "Who said how it ended, where its provider could not be asked any more")
        Field("outcome", \.outcome, "What the provider said of it")
        Field("calls", \.calls, "How often the provider was called for it")
        Field("reason", \.reason, "Why it was refused, in the provider's words")
        Field("trouble", \.trouble, "What went wrong in reaching the provider, the last time")
        Field("reference", \.reference, "The provider's own name for the payment")
        Field("started_at", \.startedAt, "When it was handed over")
        Field("ended_at", \.endedAt, "When its outcome was known")
    }
}

/// A payout with its attempts.
struct PayoutDetail: Sendable {
    let line: PayoutLine
    let attempts: [Attempt]

    static let resource = Resource<PayoutDetail>("PayoutDetail") {
        PayoutLine.resource.fields(of: \.line)
        Field("attempts", \.attempts, "The latest first")
    }
}

extension Payee {
    /// Where a person's money goes, masked; the number itself is never shown.
    static let resource = Resource<Payee>("Destination") {
        Field("kind", \.kind, "A card, or an account")
        Field(
            "destination", { $0.tail.map(Destination.masked) },
            "The last four, masked; missing where there is none yet")
        Field("changed_at", \.changedAt, "When it was set")
    }
}

extension DestinationHistory {
    /// An earlier destination of a person, masked.
    static let resource = Resource<DestinationHistory>("PastDestination") {
        Field("kind", \.kind, .open(Destination.Kind.allCases.map(\.rawValue)), "A card, or an account")
        Field("destination", { Destination.masked($0.tail) }, "The last four, masked")
        Field("at", \.at, "When it was set")
    }
}

/// Whether payouts are held.
struct PayoutHold: Sendable {
    private let hold: Hold?
    private let sent: Int
    private var since: Instant? { hold?.since }
    private var by: ID? { hold?.by }

    init(in transaction: any Transaction) throws {
        hold = try Hold.current(in: transaction)
        sent = try Hold.sent(in: transaction)
    }

    static let resource = Resource<PayoutHold>("PayoutHold") {
        Field("held", { $0.hold != nil }, "Nothing new is handed to the provider")
        Field("since", \.since, "Since when")
        Field("by", \.by, "Who set it; missing after a restore")
        Field("sent", \.sent, "How many are with the provider already: a hold leaves them there")
    }
}
