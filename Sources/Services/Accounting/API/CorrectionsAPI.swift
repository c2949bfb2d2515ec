import Directory
import Ledger
import Storage
import Values
import Web

/// Corrections that are larger than what they correct, for programs (X23).
struct CorrectionsAPI: Sendable {
    let decide: DecideCorrection

    var endpoints: [Endpoint] { [list, one, confirmation, refusal] }

    private var list: Endpoint {
        .read(
            "/api/corrections", "Corrections that wait to be confirmed, or were decided; the latest first",
            access: Rights.money,
            query: [
                Parameter("state", .choice(CorrectionView.states), "waiting where it is not given"), .cursor, .limit,
            ], gives: .page(of: CorrectionView.schema)
        ) { call, transaction in
            let limit = try call.limit()
            let state = call.query("state").flatMap { CorrectionRequest.State(rawValue: $0) } ?? .waiting
            let before = try call.cursor(1).map { try Cursor.value($0, 0, as: ID.self) }
            var found = try CorrectionRequest.list(state, before: before, limit: limit + 1, in: transaction)
            let more = found.count > limit
            if more { found.removeLast() }
            return try .json(
                ListPage(
                    items: found.map(CorrectionView.init),
                    next: more ? found.last.map { Cursor.encode([$0.id.stored]) } : nil))
        }
    }

    private var one: Endpoint {
        .read(
            "/api/corrections/{correction}", "A correction that waits to be confirmed, or was decided",
            access: Rights.money, gives: CorrectionView.schema
        ) { call, transaction in
            guard let found = try CorrectionRequest.of(try call.id("correction"), in: transaction) else {
                throw Problem.notFound
            }
            return try .json(CorrectionView(found))
        }
    }

    private var confirmation: Endpoint {
        .command(
            .post, "/api/corrections/{correction}/confirmation",
            "Confirm a correction, which is booked; by somebody other than who entered it", access: Rights.money,
            gives: OperationView.schema
        ) { [decide] call, transaction in
            let person = try call.person().id
            let entry = try decide.confirm(
                try call.id("correction"), by: person, call.environment, trace: call.trace, in: transaction)
            return try .created(
                OperationView(entry, confirmedBy: person),
                at: "/api/accounts/\(entry.account)/operations?day=\(entry.day)")
        }
    }

    private var refusal: Endpoint {
        .command(
            .post, "/api/corrections/{correction}/refusal", "Refuse a correction, or take one's own back",
            access: Rights.money
        ) { [decide] call, transaction in
            try decide.refuse(
                try call.id("correction"), by: try call.person().id, now: call.now, in: transaction)
            return .nothing
        }
    }
}

/// A correction that waits to be confirmed, or was decided.
struct CorrectionView: Encodable, Sendable {
    let correction: ID
    let account: ID
    let corrects: ID
    let sum: Cents
    let reason: String
    let by: ID
    let time: Instant
    let state: String
    let decidedBy: ID?
    let decidedAt: Instant?

    enum CodingKeys: String, CodingKey {
        case correction, account, corrects, sum, reason, by, time, state
        case decidedBy = "decided_by"
        case decidedAt = "decided_at"
    }

    init(_ request: CorrectionRequest) {
        correction = request.id
        account = request.account
        corrects = request.entry
        sum = request.sum
        reason = request.reason
        by = request.author
        time = request.at
        state = request.state.rawValue
        decidedBy = request.decidedBy
        decidedAt = request.decidedAt
    }

    static let states = CorrectionRequest.State.allCases.map(\.rawValue)

    static let schema = Schema.object(
        "Correction",
        [
            .init("correction", .id, "Its id, and the operation's once it is booked"),
            .init("account", .id, "Whose account"), .init("corrects", .id, "The operation that it puts right"),
            .init("sum", .cents, "What it adds to the balance"), .init("reason", .string, "Why it was entered"),
            .init("by", .id, "Who entered it"), .init("time", .instant, "When"),
            .init("state", .choice(states), "What became of it"),
            .init("decided_by", .optional(.id), "Who confirmed or refused it"),
            .init("decided_at", .optional(.instant), "When"),
        ])
}
