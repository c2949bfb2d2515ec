import Directory
import Storage
import Values
import Web

/// What other programs may ask of Payouts (X53), and what a provider tells by itself.
struct PayoutsAPI: Sendable {
    let setDestination: SetDestination
    let retry: RetryPayout
    let release: ReleasePayout
    let settle: SettleByHand
    let take: TakeAnswer
    let provider: any PaymentProvider

    var endpoints: [Endpoint] {
        [
            list, ofPerson, one, retrying, releasing, settling, destination, destinations, changeDestination, hold,
            setHold,
            releaseHold, callback,
        ]
    }

    private static let paging: [Parameter] = [
        Parameter("state", .choice(Payout.State.allCases.map(\.rawValue)), "Only those in this state"), .cursor, .limit,
    ]

    private static func page(
        _ call: Call, of person: ID?, in transaction: any Transaction
    ) throws -> Answer {
        let limit = try call.limit()
        let cursor = try call.cursor(1).map { try Cursor.value($0, 0, as: ID.self) }
        var lines = try PayoutLine.list(
            .init(state: try Rights.state(call), person: person), before: cursor, limit: limit + 1, in: transaction)
        let more = lines.count > limit
        if more { lines.removeLast() }
        let isHeld = try Hold.current(in: transaction) != nil
        return try .json(
            ListPage(
                items: lines.map { PayoutView($0, isHeld: isHeld) },
                next: more ? lines.last.map { Cursor.encode([$0.payout.id.stored]) } : nil))
    }

    private var list: Endpoint {
        .read(
            "/api/payouts", "Everybody's payouts, the latest first", access: Rights.money, query: PayoutsAPI.paging,
            gives: Schema.page(of: PayoutView.schema)
        ) { call, transaction in
            try PayoutsAPI.page(call, of: nil, in: transaction)
        }
    }

    private var ofPerson: Endpoint {
        .read(
            "/api/accounts/{person}/payouts", "One person's payouts, the latest first; `me` is oneself", access: .staff,
            query: PayoutsAPI.paging, gives: Schema.page(of: PayoutView.schema)
        ) { call, transaction in
            try PayoutsAPI.page(call, of: try Rights.person(call), in: transaction)
        }
    }

    private static func detail(_ id: ID, in transaction: any Transaction) throws -> PayoutDetailView? {
        guard let line = try PayoutLine.of(id, in: transaction) else { return nil }
        return PayoutDetailView(
            line: PayoutView(line, isHeld: try Hold.current(in: transaction) != nil),
            attempts: try Attempt.all(of: id, in: transaction).map(AttemptView.init))
    }

    private var one: Endpoint {
        .read(
            "/api/payouts/{payout}", "A payout's status, and its attempts", access: .staff,
            gives: PayoutDetailView.schema
        ) { call, transaction in
            let caller = try call.person()
            // To others it is not there: an id tells nothing.
            guard let view = try PayoutsAPI.detail(try call.id("payout"), in: transaction),
                view.line.person == caller.id || Rights.isMoney(caller)
            else { throw Problem.notFound }
            return try .json(view)
        }
    }

    private var retrying: Endpoint {
        .command(
            .post, "/api/payouts/{payout}/retry", "Have a failed payout sent again", access: Rights.money,
            gives: PayoutDetailView.schema
        ) { [retry] call, transaction in
            let id = try call.id("payout")
            _ = try retry(id, by: try call.person().id, now: call.now, in: transaction)
            guard let view = try PayoutsAPI.detail(id, in: transaction) else { throw Problem.notFound }
            return try .json(view)
        }
    }

    private var releasing: Endpoint {
        .command(
            .post, "/api/payouts/{payout}/release", "Release a payout that is above the limit; not one's own",
            access: Rights.money, gives: PayoutDetailView.schema
        ) { [release] call, transaction in
            let id = try call.id("payout")
            try release(id, by: try call.person().id, now: call.now, in: transaction)
            guard let view = try PayoutsAPI.detail(id, in: transaction) else { throw Problem.notFound }
            return try .json(view)
        }
    }

    private struct OutcomeBody: Decodable {
        let status: String
        let note: String
    }

    private var settling: Endpoint {
        var endpoint = Endpoint.command(
            .post, "/api/payouts/{payout}/outcome", "Say how a payout ended whose provider is gone",
            access: Rights.money,
            takes: .object(
                "PayoutOutcome",
                [
                    .init(
                        "status", .choice(["paid", "refused"]), "Paid for good; or not paid, and it can be sent again"),
                    .init("note", .text(1...SettleByHand.longestNote), "What it was seen from"),
                ]),
            gives: PayoutDetailView.schema
        ) { [settle] call, transaction in
            let id = try call.id("payout")
            let body: OutcomeBody = try call.decode()
            try settle(
                id, isPaid: body.status == "paid", note: body.note, by: try call.person().id, now: call.now,
                in: transaction)
            guard let view = try PayoutsAPI.detail(id, in: transaction) else { throw Problem.notFound }
            return try .json(view)
        }
        endpoint.details =
            "Only for what was sent through a provider that is not set any more and so cannot be asked. "
            + "Who said so is kept with the attempt."
        return endpoint
    }

    private var destination: Endpoint {
        .read(
            "/api/accounts/{person}/destination", "Where a person's money goes, masked; `me` is oneself",
            access: .staff, gives: DestinationView.schema
        ) { call, transaction in
            try .json(DestinationView(try Payee.shown(try Rights.person(call), in: transaction)))
        }
    }

    private struct DestinationBody: Decodable {
        let number: String
    }

    private var changeDestination: Endpoint {
        // Without an Idempotency-Key: setting it again changes nothing, and no hash of the number is kept.
        var endpoint = Endpoint.command(
            .put, "/api/accounts/{person}/destination",
            "Set where one's own money goes: a card number or an IBAN, never told again", access: .staff,
            takes: .object(
                "NewDestination", [.init("number", .text(1...100), "A card number or an IBAN; spaces do not matter")]),
            gives: DestinationView.schema, idempotent: false
        ) { [setDestination] call, transaction in
            let person = try Rights.person(call, others: false)
            let body: DestinationBody = try call.decode()
            return try .json(
                DestinationView(
                    try setDestination(
                        body.number, of: person, trace: call.trace, call.environment, in: transaction)))
        }
        endpoint.proof = .personal
        return endpoint
    }

    private var destinations: Endpoint {
        .read(
            "/api/accounts/{person}/destinations",
            "Where a person's money went one after the other, masked, the latest first; `me` is oneself",
            access: .staff, query: [.cursor, .limit], gives: Schema.page(of: PastDestinationView.schema)
        ) { call, transaction in
            let page = try DestinationHistory.page(
                of: try Rights.person(call), before: call.cursor(1).map { try Cursor.value($0, 0) },
                limit: call.limit(), in: transaction)
            return try .json(
                ListPage(
                    items: page.entries.map(PastDestinationView.init),
                    next: page.next.map { Cursor.encode([$0.stored]) }))
        }
    }

    private var hold: Endpoint {
        .read(
            "/api/payouts/hold", "Whether payouts are held", access: Rights.money, gives: HoldView.schema
        ) { _, transaction in
            try .json(HoldView(in: transaction))
        }
    }

    private var setHold: Endpoint {
        .command(
            .post, "/api/payouts/hold", "Hold payouts: nothing new goes out until they are released",
            access: Rights.money, gives: HoldView.schema
        ) { call, transaction in
            try Hold.set(by: try call.person().id, at: call.now, in: transaction)
            return try .json(HoldView(in: transaction))
        }
    }

    private var releaseHold: Endpoint {
        .command(
            .post, "/api/payouts/hold/release", "Release held payouts", access: Rights.money, gives: HoldView.schema
        ) { call, transaction in
            guard try Hold.release(by: try call.person().id, at: call.now, in: transaction) else {
                throw Problem.conflict("payouts.not-held")
            }
            return try .json(HoldView(in: transaction))
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
