import Directory
import Storage
import Values
import Web

/// Actions on one payout: retry, release, settle by hand. A page asks first and shows what the action does.
extension PayoutPages {
    var retryAsking: Endpoint {
        .page("/payouts/{payout}/retry/confirm", "What sending a payout again does", access: Rights.money) {
            call, transaction in
            let line = try PayoutPages.line(call, in: transaction)
            guard line.payout.state == .failed else { throw Problem.conflict("payouts.not-failed") }
            return try PayoutPages.asking(
                line, call, title: "payouts.retry.asked", button: "payouts.retry",
                line: "payouts.retry.about", act: "retry",
                in: transaction)
        }
    }

    var retrying: Endpoint {
        .form("/payouts/{payout}/retry", "Have a failed payout sent again", access: Rights.money) {
            [retry] call, transaction in
            let id = try call.id("payout")
            _ = try retry(
                id, to: PayoutPages.seen(call), by: try call.person().id, now: call.now, trace: call.trace,
                in: transaction)
            // Without a card or an account it only waits.
            let waits = try PayoutPages.line(call, in: transaction).payout.dueAt == nil
            return try PayoutPages.done(
                id, waits ? "payouts.notice.retry-waits" : "payouts.notice.retried", call, in: transaction)
        }
    }

    var releaseAsking: Endpoint {
        .page("/payouts/{payout}/release/confirm", "What releasing a payout does", access: Rights.money) {
            call, transaction in
            let line = try PayoutPages.line(call, in: transaction)
            guard try line.payout.person != call.person().id else { throw Problem(403, "payouts.own") }
            guard line.payout.state == .pending, line.payout.isLimited else {
                throw Problem.conflict("payouts.not-limited")
            }
            return try PayoutPages.asking(
                line, call, title: "payouts.limit.asked", button: "payouts.limit.release",
                line: "payouts.limit.about", act: "release",
                in: transaction)
        }
    }

    var releasing: Endpoint {
        .form("/payouts/{payout}/release", "Release a payout that is above the limit", access: Rights.money) {
            [release] call, transaction in
            let id = try call.id("payout")
            try release(
                id, to: PayoutPages.seen(call), by: try call.person().id, now: call.now, trace: call.trace,
                in: transaction)
            return try PayoutPages.done(id, "payouts.notice.let-go", call, in: transaction)
        }
    }

    var settling: Endpoint {
        .form(
            "/payouts/{payout}/outcome", "Say how a payout ended whose provider is gone", access: Rights.money,
            again: { call, problem, transaction in
                problem.status == 422 ? try page(call, in: transaction) : nil
            }
        ) { [settle] call, transaction in
            let id = try call.id("payout")
            let status = call.field("status")
            guard ["paid", "refused"].contains(status) else { throw Problem.notFound }
            try settle(
                id, isPaid: status == "paid", note: call.field("note"), by: try call.person().id, now: call.now,
                trace: call.trace, in: transaction)
            let said = status == "paid" ? "payouts.notice.settled.paid" : "payouts.notice.settled.refused"
            return try PayoutPages.done(id, said, call, in: transaction)
        }
    }

    private static func line(_ call: Call, in transaction: any Transaction) throws -> PayoutLine {
        guard let line = try PayoutLine.of(try call.id("payout"), in: transaction) else { throw Problem.notFound }
        return line
    }

    /// Back to the payout's page, with a message that names the person and the sum.
    private static func done(
        _ id: ID, _ said: String, _ call: Call, in transaction: any Transaction
    ) throws -> Answer {
        guard let line = try PayoutLine.of(id, in: transaction) else { throw Problem.notFound }
        return .redirect(to: "/payouts/\(id)").saying(
            said,
            [
                "name": PayoutModel.name(line, call), "sum": call.format.money(line.payout.sum),
                "currency": call.company.currency,
            ])
    }

    /// The destination that the confirmation has shown.
    private static func seen(_ call: Call) -> String? {
        let stamp = call.field("to")
        return stamp.isEmpty ? nil : stamp
    }

    private static func asking(
        _ payout: PayoutLine, _ call: Call, title: String, button: String, line: String, act: String,
        in transaction: any Transaction
    ) throws -> Answer {
        // The present destination: the one of an earlier attempt does not tell where the money goes.
        let person = payout.payout.person
        let payee = try Payee.shown(person, in: transaction) ?? Payee(unknown: person)
        func text(_ key: String) -> String { PayoutsTexts.text(key, call.language) }
        let path = "/payouts/\(payout.payout.id)"
        var confirmation = Confirmation(
            title: title, button: button, lines: [text(line)], action: "\(path)/\(act)", back: path)
        confirmation.facts = [
            (text("payouts.person"), PayoutModel.name(payout, call)),
            (text("payouts.sum"), "\(call.format.money(payout.payout.sum)) \(call.company.currency)"),
            (text("payouts.day"), call.format.day(payout.payout.day)),
            (text("payouts.to"), payee.tail.map(Destination.masked) ?? text("payouts.no-destination")),
        ]
        confirmation.fields = [("to", payee.destinationStamp)]
        return .asking(confirmation)
    }
}
