import Directory
import Schemas
import Storage
import Values
import Web

/// What other programs may ask of Payouts (X53), and the provider's callbacks.
struct PayoutsAPI: Sendable {
    let setDestination: SetDestination
    let retry: RetryPayout
    let release: ReleasePayout
    let settle: SettleByHand
    let decideHold: DecideHold
    let take: RecordProviderAnswer
    let provider: any PaymentProvider

    var endpoints: [Endpoint] {
        [
            list, ofPerson, one, retrying, releasing, settling, destination, destinations, changeDestination, hold,
            setHold,
            releaseHold, callback,
        ]
    }

    private static let inState = Parameter("state", Payout.State.schema, "Only those in this state")

    private static func page(
        _ call: Call, of person: ID?, in transaction: any Transaction
    ) throws -> ListPart<PayoutLine> {
        let filter = PayoutLine.Filter(state: try Rights.state(call), person: person)
        return try call.page(by: \.payout.id) { try PayoutLine.list(filter, before: $0, limit: $1, in: transaction) }
    }

    private var list: Endpoint {
        .list(
            "/api/payouts", "Everybody's payouts, the latest first", access: Rights.money,
            query: [PayoutsAPI.inState], of: PayoutLine.resource
        ) { call, transaction in
            try PayoutsAPI.page(call, of: nil, in: transaction)
        }
    }

    private var ofPerson: Endpoint {
        .list(
            "/api/accounts/{person}/payouts", "One person's payouts, the latest first; `me` is oneself", access: .staff,
            query: [PayoutsAPI.inState], of: PayoutLine.resource
        ) { call, transaction in
            try PayoutsAPI.page(call, of: try Rights.person(call), in: transaction)
        }
    }

    private static func detail(_ id: ID, in transaction: any Transaction) throws -> PayoutDetail {
        guard let line = try PayoutLine.of(id, in: transaction) else { throw Problem.notFound }
        return PayoutDetail(line: line, attempts: try Attempt.all(of: id, in: transaction))
    }

    private var one: Endpoint {
        .read(
            "/api/payouts/{payout}", "A payout's status, and its attempts", access: .staff,
            gives: PayoutDetail.resource
        ) { call, transaction in
            let caller = try call.person()
            let detail = try PayoutsAPI.detail(try call.id("payout"), in: transaction)
            // For others the payout does not exist, so a guessed id reveals nothing.
            guard detail.line.payout.person == caller.id || caller.holds(anyOf: Rights.keepers) else {
                throw Problem.notFound
            }
            return detail
        }
    }

    private var retrying: Endpoint {
        .command(
            .post, "/api/payouts/{payout}/retry", "Have a failed payout sent again", access: Rights.money,
            gives: PayoutDetail.resource
        ) { [retry] call, transaction in
            let id = try call.id("payout")
            _ = try retry(id, by: try call.person().id, now: call.now, trace: call.trace, in: transaction)
            return try PayoutsAPI.detail(id, in: transaction)
        }
    }

    private var releasing: Endpoint {
        .command(
            .post, "/api/payouts/{payout}/release", "Release a payout that is above the limit; not one's own",
            access: Rights.money, gives: PayoutDetail.resource
        ) { [release] call, transaction in
            let id = try call.id("payout")
            try release(id, by: try call.person().id, now: call.now, trace: call.trace, in: transaction)
            return try PayoutsAPI.detail(id, in: transaction)
        }
    }

    private struct PayoutOutcome: Shaped {
        let status: String
        let note: String

        static let shape = Shape("PayoutOutcome", PayoutOutcome.init) {
            Field(
                "status", \.status, .choice(["paid", "refused"]),
                "Paid for good; or not paid, and it can be sent again")
            Field("note", \.note, .text(1...SettleByHand.longestNote), "What it was seen from")
        }
    }

    private var settling: Endpoint {
        var endpoint = Endpoint.command(
            .post, "/api/payouts/{payout}/outcome", "Say how a payout ended whose provider is gone",
            access: Rights.money, takes: PayoutOutcome.self, gives: PayoutDetail.resource
        ) { [settle] call, outcome, transaction in
            let id = try call.id("payout")
            try settle(
                id, isPaid: outcome.status == "paid", note: outcome.note, by: try call.person().id, now: call.now,
                trace: call.trace, in: transaction)
            return try PayoutsAPI.detail(id, in: transaction)
        }
        endpoint.details =
            "Only for what was sent through a provider that is not set any more and so cannot be asked. "
            + "Who said so is kept with the attempt."
        return endpoint
    }

    private var destination: Endpoint {
        .read(
            "/api/accounts/{person}/destination", "Where a person's money goes, masked; `me` is oneself",
            access: .staff, gives: Payee.resource
        ) { call, transaction in
            let person = try Rights.person(call)
            return try Payee.shown(person, in: transaction) ?? Payee(unknown: person)
        }
    }

    private struct NewDestination: Shaped {
        let number: String

        static let shape = Shape("NewDestination", NewDestination.init) {
            Field("number", \.number, .text(1...100), "A card number or an IBAN; spaces do not matter")
        }
    }

    private var changeDestination: Endpoint {
        // Without an Idempotency-Key: setting the same destination again changes nothing, and no hash of the number is
        // stored.
        Endpoint.command(
            .put, "/api/accounts/{person}/destination",
            "Set where one's own money goes: a card number or an IBAN, never told again", access: .staff,
            takes: NewDestination.self, gives: Payee.resource, idempotent: false
        ) { [setDestination] call, new, transaction in
            try setDestination(
                new.number, of: try Rights.person(call, others: false), trace: call.trace, call.environment,
                in: transaction)
        }.needing(.personal)
    }

    private var destinations: Endpoint {
        .list(
            "/api/accounts/{person}/destinations",
            "Where a person's money went one after the other, masked, the latest first; `me` is oneself",
            access: .staff, of: DestinationHistory.resource
        ) { call, transaction in
            let person = try Rights.person(call)
            return try call.page(by: \.id) {
                try DestinationHistory.list(of: person, before: $0, limit: $1, in: transaction)
            }
        }
    }

    private var hold: Endpoint {
        .read(
            "/api/payouts/hold", "Whether payouts are held", access: Rights.money, gives: PayoutHold.resource
        ) { _, transaction in try PayoutHold(in: transaction) }
    }

    private var setHold: Endpoint {
        .command(
            .post, "/api/payouts/hold", "Hold payouts: nothing new goes out until they are released",
            access: Rights.money, gives: PayoutHold.resource
        ) { [decideHold] call, transaction in
            try decideHold.set(by: try call.person().id, at: call.now, trace: call.trace, in: transaction)
            return try PayoutHold(in: transaction)
        }
    }

    private var releaseHold: Endpoint {
        .command(
            .post, "/api/payouts/hold/release", "Release held payouts", access: Rights.money,
            gives: PayoutHold.resource
        ) { [decideHold] call, transaction in
            guard try decideHold.release(by: try call.person().id, at: call.now, trace: call.trace, in: transaction)
            else {
                throw Problem.conflict("payouts.not-held")
            }
            return try PayoutHold(in: transaction)
        }
    }

    private var callback: Endpoint {
        var endpoint = Endpoint.command(
            .post, HTTPProvider.callbackPath, "For the payment provider: how a payment stands, signed",
            access: .anyone,
            takes: .object(
                "PaymentNotice",
                [
                    .init("payout", .id, "The payout"),
                    .init("attempt", .integer(1...1_000_000), "Which attempt this is the outcome of"),
                    .init("status", .choice(PaymentAnswer.Status.allCases.map(\.rawValue)), "How it stands"),
                    .init("reference", .optional(.text(0...200)), "The provider's own name for the payment"),
                    .init("reason", .optional(.text(0...500)), "Why it was refused"),
                    .init("sum", .optional(.cents), "What it moves"),
                ]),
            idempotent: false, bodyLimit: 8 * 1024
        ) { [provider, take] call, transaction in
            let notice: PaymentNotice
            do throws(CallbackRefused) {
                notice = try provider.notice(
                    ProviderCallback(path: call.location, signature: call.signature, body: call.body), now: call.now)
            } catch {
                switch error {
                case .notExpected: throw Problem.notFound
                case .unproved: throw Problem(401, "payouts.signature")
                case .unreadable: throw Problem(422, "payouts.notice")
                }
            }
            guard try take(notice.answer, of: notice.payout, from: provider.name, now: call.now, in: transaction) else {
                throw Problem.notFound
            }
            return .nothing
        }
        endpoint.details =
            "Signed with the shared secret in the header `Popug-Signature` (docs/payouts.md). "
            + "However often it is sent, it counts once."
        return endpoint
    }
}
