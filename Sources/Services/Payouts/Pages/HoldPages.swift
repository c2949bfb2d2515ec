import Directory
import Storage
import Values
import Web

/// The hold of all payouts. A page asks first and shows what the hold stops, or what its end sends.
extension PayoutPages {
    var holdAsking: Endpoint {
        .page("/payouts/hold/confirm", "What holding payouts does", access: Rights.money) { call, transaction in
            guard try Hold.current(in: transaction) == nil else { throw Problem.conflict("payouts.held-already") }
            let pending = try PayoutLine.open(in: transaction)[.pending] ?? (0, .zero)
            let sent = try Hold.sent(in: transaction)
            var lines = [
                PayoutsTexts.text("payouts.hold.about", call.language),
                PayoutsTexts.text(
                    "payouts.hold.pending", call.language, PayoutPages.words(pending.count, pending.sum, call)),
            ]
            if sent > 0 {
                lines.append(
                    PayoutsTexts.text("payouts.hold.sent", call.language, ["count": call.format.count(sent)]))
            }
            return .asking(
                Confirmation(
                    title: "payouts.hold.asked", button: "payouts.hold", lines: lines, action: "/payouts/hold",
                    back: "/payouts"))
        }
    }

    var setHold: Endpoint {
        .form("/payouts/hold", "Hold payouts", access: Rights.money) { [decideHold] call, transaction in
            guard try decideHold.set(by: try call.person().id, at: call.now, trace: call.trace, in: transaction) else {
                throw Problem.conflict("payouts.held-already")
            }
            let pending = try PayoutLine.open(in: transaction)[.pending] ?? (0, .zero)
            return .redirect(to: "/payouts").saying(
                "payouts.notice.held", PayoutPages.words(pending.count, pending.sum, call))
        }
    }

    var holdReleaseAsking: Endpoint {
        .page("/payouts/hold/release/confirm", "What releasing held payouts does", access: Rights.money) {
            call, transaction in
            guard try Hold.current(in: transaction) != nil else { throw Problem.conflict("payouts.not-held") }
            let ready = try PayoutLine.ready(in: transaction)
            return .asking(
                Confirmation(
                    title: "payouts.release.asked", button: "payouts.release",
                    lines: [
                        PayoutsTexts.text("payouts.release.about", call.language),
                        PayoutsTexts.text(
                            "payouts.release.ready", call.language,
                            PayoutPages.words(ready.count, ready.sum, call)),
                    ], action: "/payouts/hold/release", back: "/payouts"))
        }
    }

    var releaseHold: Endpoint {
        .form("/payouts/hold/release", "Release held payouts", access: Rights.money) {
            [decideHold] call, transaction in
            let ready = try PayoutLine.ready(in: transaction)
            guard try decideHold.release(by: try call.person().id, at: call.now, trace: call.trace, in: transaction)
            else {
                throw Problem.conflict("payouts.not-held")
            }
            return .redirect(to: "/payouts").saying(
                "payouts.notice.released", PayoutPages.words(ready.count, ready.sum, call))
        }
    }

    private static func words(_ count: Int, _ sum: Cents, _ call: Call) -> [String: String] {
        ["count": call.format.count(count), "sum": call.format.money(sum), "currency": call.company.currency]
    }
}
