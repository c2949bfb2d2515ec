import Directory
import Ledger
import Schemas
import Storage
import Values
import Web

/// Corrections that are larger than what they correct, for programs (X23).
struct CorrectionsAPI: Sendable {
    let decide: DecideCorrection

    var endpoints: [Endpoint] { [list, one, confirmation, refusal] }

    private var list: Endpoint {
        .list(
            "/api/corrections", "Corrections that wait to be confirmed, or were decided; the latest first",
            access: Rights.money,
            query: [Parameter("state", CorrectionRequest.State.schema, "waiting where it is not given")],
            of: CorrectionRequest.resource
        ) { call, transaction in
            let state = call.query("state").flatMap { CorrectionRequest.State(rawValue: $0) } ?? .waiting
            return try call.page(by: \.id) {
                try CorrectionRequest.list(state, before: $0, limit: $1, in: transaction)
            }
        }
    }

    private var one: Endpoint {
        .read(
            "/api/corrections/{correction}", "A correction that waits to be confirmed, or was decided",
            access: Rights.money, gives: CorrectionRequest.resource
        ) { call, transaction in try CorrectionRequest.of(try call.id("correction"), in: transaction) }
    }

    private var confirmation: Endpoint {
        .creation(
            "/api/corrections/{correction}/confirmation",
            "Confirm a correction, which is booked; by somebody other than who entered it", access: Rights.money,
            gives: AccountOperation.resource
        ) { [decide] call, transaction in
            let person = try call.person().id
            let entry = try decide.confirm(
                try call.id("correction"), by: person, call.environment, trace: call.trace, in: transaction)
            return Created(
                AccountOperation(entry: entry, confirmedBy: person),
                at: "/api/accounts/\(entry.account)/operations?day=\(entry.day)")
        }
    }

    private var refusal: Endpoint {
        .command(
            .post, "/api/corrections/{correction}/refusal", "Refuse a correction, or take one's own back",
            access: Rights.money
        ) { [decide] call, transaction in
            try decide.refuse(
                try call.id("correction"), by: try call.person().id, now: call.now, trace: call.trace,
                in: transaction)
            return .nothing
        }
    }
}

extension CorrectionRequest.State: JSONWord {}

extension CorrectionRequest {
    /// A correction that waits to be confirmed, or was decided, as programs see it.
    static let resource = Resource<CorrectionRequest>("Correction") {
        Field("correction", \.id, "Its id, and the operation's once it is booked")
        Field("account", \.account, "Whose account")
        Field("corrects", \.entry, "The operation that it puts right")
        Field("sum", \.sum, "What it adds to the balance")
        Field("reason", \.reason, "Why it was entered")
        Field("by", \.author, "Who entered it")
        Field("time", \.at, "When")
        Field("state", \.state, "What became of it")
        Field("decided_by", \.decidedBy, "Who confirmed or refused it")
        Field("decided_at", \.decidedAt, "When")
    }
}
