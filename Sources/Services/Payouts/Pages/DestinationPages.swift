import Directory
import Storage
import Values
import Web

/// The caller's own payouts and destination, and the part of an account's page that shows both.
struct DestinationPages: Sendable {
    let setDestination: SetDestination

    /// How many payouts the account's page shows.
    private static let shown = 5

    var endpoints: [Endpoint] { [minePart, personPart, mine, form, change] }

    private var minePart: Endpoint {
        .fragment("/payouts/fragments/mine", "One's own payouts and where they go", access: .staff) {
            call, transaction in
            try DestinationPages.part(call, of: try call.person().id, isOwn: true, in: transaction)
        }
    }

    private var personPart: Endpoint {
        .fragment("/payouts/fragments/people/{person}", "Anyone's payouts and where they go", access: Rights.money) {
            call, transaction in
            try DestinationPages.part(call, of: try call.id("person"), isOwn: false, in: transaction)
        }
    }

    private static func part(
        _ call: Call, of person: ID, isOwn: Bool, in transaction: any Transaction
    ) throws -> Answer {
        let lines = try PayoutLine.list(.init(person: person), before: nil, limit: shown, in: transaction)
        return .fragment(
            "payouts/part",
            [
                "isOwn": .flag(isOwn),
                "destination": PayoutModel.destination(try Payee.shown(person, in: transaction), call),
                "past": isOwn ? nil : try PayoutModel.past(of: person, call, in: transaction),
                "hasRows": .flag(!lines.isEmpty),
                "rows": .list(lines.map { PayoutModel.row($0, call) }),
                "all": .text(isOwn ? "/payouts/mine" : "/payouts?person=\(person)"),
            ])
    }

    private var mine: Endpoint {
        .page("/payouts/mine", "One's own payouts", access: .staff) { call, transaction in
            let filter = PayoutLine.Filter(person: try call.person().id)
            let part = try call.page(by: \.payout.id) {
                try PayoutLine.list(filter, before: $0, limit: $1, in: transaction)
            }
            return .page(
                "payouts/mine", title: "payouts.mine",
                [
                    "hasRows": .flag(!part.rows.isEmpty),
                    "older": .text(part.next.map { "/payouts/mine?cursor=\($0)" } ?? ""),
                    "rows": .list(part.rows.map { PayoutModel.row($0, call) }),
                ])
        }
    }

    private var form: Endpoint {
        var endpoint = Endpoint.page("/payouts/destination", "Set where one's own money goes", access: .staff) {
            call, transaction in
            try DestinationPages.page(call, in: transaction)
        }
        endpoint.proof = .personal
        return endpoint
    }

    private var change: Endpoint {
        // Not idempotent: setting the same destination again changes nothing, and no hash of the number may be stored.
        var endpoint = Endpoint.form(
            "/payouts/destination", "Set where one's own money goes", access: .staff, idempotent: false,
            again: { call, problem, transaction in
                problem.status == 422 ? try DestinationPages.page(call, in: transaction) : nil
            }
        ) { [setDestination] call, transaction in
            let payee = try setDestination(
                call.field("number"), of: try call.person().id, trace: call.trace, call.environment, in: transaction)
            let kind = payee.kind == .card ? "payouts.card" : "payouts.iban"
            return .redirect(to: "/account").saying(
                "payouts.notice.destination",
                [
                    "kind": PayoutsTexts.text(kind, call.language),
                    "number": payee.tail.map(Destination.masked) ?? "",
                ])
        }
        endpoint.proof = .personal
        return endpoint
    }

    /// Does not repeat the number that was typed.
    private static func page(_ call: Call, in transaction: any Transaction) throws -> Answer {
        let payee = try Payee.shown(try call.person().id, in: transaction)
        let past = try PayoutModel.past(of: try call.person().id, call, in: transaction)
        return .page(
            "payouts/destination", title: "payouts.destination",
            [
                "destination": PayoutModel.destination(payee, call), "past": past,
            ])
    }
}
