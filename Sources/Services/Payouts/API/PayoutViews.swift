import Storage
import Values
import Web

/// A payout, as programs see it.
struct PayoutView: Encodable, Sendable {
    let payout: ID
    let person: ID
    let name: String
    let day: Day
    let sum: Cents
    let state: String
    let waitsFor: String?
    let destination: String?
    let attempt: Int
    let reason: String?
    let releasedBy: ID?
    let requestedAt: Instant
    let changedAt: Instant

    enum CodingKeys: String, CodingKey {
        case releasedBy = "released_by"
        case payout, person, name, day, sum, state, destination, attempt, reason
        case waitsFor = "waits_for"
        case requestedAt = "requested_at"
        case changedAt = "changed_at"
    }

    init(_ line: PayoutLine, isHeld: Bool) {
        payout = line.payout.id
        person = line.payout.person
        name = line.name
        day = line.payout.day
        sum = line.payout.sum
        state = line.payout.state.rawValue
        waitsFor = line.waitsFor(isHeld: isHeld)?.rawValue
        destination = line.tail.map(Destination.masked)
        attempt = line.payout.attempt
        reason = line.payout.state == .failed ? line.reason : nil
        releasedBy = line.payout.releasedBy
        requestedAt = line.payout.requestedAt
        changedAt = line.payout.changedAt
    }

    static let fields: [Schema.Field] = [
        .init("payout", .id, "The payout; also the operation on the account, and the idempotency key at the provider"),
        .init("person", .id, "Who is paid"),
        .init("name", .string, "Their name; empty where it is not known yet"),
        .init("day", .day, "The business day whose close asked for it"),
        .init("sum", .cents, "How much"),
        .init("state", .choice(Payout.State.allCases.map(\.rawValue)), "Where it stands"),
        .init(
            "waits_for", .optional(.choice(PayoutLine.Wait.allCases.map(\.rawValue))), "What a pending one waits for"),
        .init("destination", .optional(.string), "Where to, masked"),
        .init("attempt", .integer(0...1_000_000), "How often it was handed to the provider"),
        .init("reason", .optional(.string), "Why it failed, in the provider's words"),
        .init("released_by", .optional(.id), "Who released it, where it was above the limit"),
        .init("requested_at", .instant, "When the close asked for it"),
        .init("changed_at", .instant, "When it came to its state"),
    ]

    static let schema = Schema.object("Payout", fields)
}

extension PayoutLine {
    /// What a pending payout waits for.
    enum Wait: String, CaseIterable, Sendable {
        case destination
        /// It is above the limit.
        case limit
        case release
        case turn
    }

    func waitsFor(isHeld: Bool) -> Wait? {
        guard payout.state == .pending else { return nil }
        if payout.isLimited { return .limit }
        return payout.dueAt == nil ? .destination : isHeld ? .release : .turn
    }
}

/// One attempt at a payout.
struct AttemptView: Encodable, Sendable {
    let number: Int
    let provider: String
    let destination: String?
    let by: ID?
    let settledBy: ID?
    let outcome: String
    let calls: Int
    let reason: String?
    let trouble: String?
    let reference: String?
    let startedAt: Instant
    let endedAt: Instant?

    enum CodingKeys: String, CodingKey {
        case number, provider, destination, by, outcome, calls, reason, trouble, reference
        case settledBy = "settled_by"
        case startedAt = "started_at"
        case endedAt = "ended_at"
    }

    init(_ attempt: Attempt) {
        number = attempt.number
        provider = attempt.provider
        destination = attempt.tail.map(Destination.masked)
        by = attempt.askedBy
        settledBy = attempt.settledBy
        outcome = attempt.outcome.rawValue
        calls = attempt.calls
        reason = attempt.reason
        trouble = attempt.trouble
        reference = attempt.reference
        startedAt = attempt.startedAt
        endedAt = attempt.endedAt
    }

    static let schema = Schema.object(
        "PayoutAttempt",
        [
            .init("number", .integer(1...1_000_000), "From 1"),
            .init("provider", .string, "Through whom"),
            .init("destination", .optional(.string), "Where it was sent to, masked"),
            .init("by", .optional(.id), "Who asked for it, where it is a retry"),
            .init(
                "settled_by", .optional(.id), "Who said how it ended, where its provider could not be asked any more"),
            .init("outcome", .choice(["open", "accepted", "paid", "refused"]), "What the provider said of it"),
            .init("calls", .integer(0...Int64.max), "How often the provider was called for it"),
            .init("reason", .optional(.string), "Why it was refused, in the provider's words"),
            .init("trouble", .optional(.string), "What went wrong in reaching the provider, the last time"),
            .init("reference", .optional(.string), "The provider's own name for the payment"),
            .init("started_at", .instant, "When it was handed over"),
            .init("ended_at", .optional(.instant), "When its outcome was known"),
        ])
}

/// A payout with its attempts.
struct PayoutDetailView: Encodable, Sendable {
    let line: PayoutView
    let attempts: [AttemptView]

    enum CodingKeys: String, CodingKey { case attempts }

    func encode(to encoder: any Encoder) throws {
        try line.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(attempts, forKey: .attempts)
    }

    static let schema = Schema.object(
        "PayoutDetail", PayoutView.fields + [.init("attempts", .list(AttemptView.schema), "The latest first")])
}

/// Where a person's money goes, as far as it is ever told.
struct DestinationView: Encodable, Sendable {
    let kind: String?
    let destination: String?
    let changedAt: Instant?

    enum CodingKeys: String, CodingKey {
        case kind, destination
        case changedAt = "changed_at"
    }

    init(_ payee: Payee?) {
        kind = payee?.kind?.rawValue
        destination = payee?.tail.map(Destination.masked)
        changedAt = payee?.changedAt
    }

    static let schema = Schema.object(
        "Destination",
        [
            .init("kind", .optional(.choice(Destination.Kind.allCases.map(\.rawValue))), "A card, or an account"),
            .init("destination", .optional(.string), "The last four, masked; missing where there is none yet"),
            .init("changed_at", .optional(.instant), "When it was set"),
        ])
}

/// Where a person's money was to go from then on, masked.
struct PastDestinationView: Encodable, Sendable {
    let kind: String
    let destination: String
    let at: Instant

    init(_ entry: DestinationHistory) {
        kind = entry.kind
        destination = Destination.masked(entry.tail)
        at = entry.at
    }

    static let schema = Schema.object(
        "PastDestination",
        [
            .init("kind", .open(Destination.Kind.allCases.map(\.rawValue)), "A card, or an account"),
            .init("destination", .string, "The last four, masked"),
            .init("at", .instant, "When it was set"),
        ])
}

/// Whether payouts are held.
struct HoldView: Encodable, Sendable {
    let held: Bool
    let since: Instant?
    let by: ID?
    let sent: Int

    init(in transaction: any Transaction) throws {
        let hold = try Hold.current(in: transaction)
        held = hold != nil
        since = hold?.since
        by = hold?.by
        sent = try Hold.sent(in: transaction)
    }

    static let schema = Schema.object(
        "PayoutHold",
        [
            .init("held", .boolean, "Nothing new is handed to the provider"),
            .init("since", .optional(.instant), "Since when"),
            .init("by", .optional(.id), "Who set it; missing after a restore"),
            .init("sent", .integer(0...Int64.max), "How many are with the provider already: a hold leaves them there"),
        ])
}
