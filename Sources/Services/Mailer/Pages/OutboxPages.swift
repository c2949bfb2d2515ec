import Directory
import ServiceKit
import Storage
import Values
import Web

/// The pages about outgoing mail as a whole: a hold and its release, a test letter.
struct OutboxPages: Sendable {
    let settings: MailSettings
    let releaseHold: ReleaseHold
    let test: TestLetter

    var endpoints: [Endpoint] { [hold, holdFragment, askRelease, release, testForm] }

    /// Open to accountants too, although they may not read letters.
    private var hold: Endpoint {
        .page("/letters/hold", "What a restore has held", access: Rights.release) { [settings] call, transaction in
            .page(
                "mailer/hold", title: "mailer.hold",
                ["outbox": try OutboxPages.banner(settings, call, in: transaction)])
        }
    }

    /// Shown on accountants' pages while letters are held.
    private var holdFragment: Endpoint {
        .fragment("/mailer/fragments/hold", "What a restore has held", access: Rights.release) {
            [settings] call, transaction in
            .fragment("mailer/banner", ["outbox": try OutboxPages.banner(settings, call, in: transaction)])
        }
    }

    /// `?what=send` or `?what=keep`.
    private var askRelease: Endpoint {
        .page("/letters/hold/release", "What releasing the letters does", access: Rights.release) { call, transaction in
            guard let what = call.query("what"), ["send", "keep"].contains(what),
                try Outbox.read(in: transaction).heldAt != nil
            else { return .redirect(to: "/letters/hold") }
            let count = call.format.count(try LetterList.waiting(in: transaction))
            let texts = ["about", "count"].map {
                MailerTexts.text("mailer.held.\(what).\($0)", call.language, ["count": count])
            }
            var confirmation = Confirmation(
                title: "mailer.held.\(what).title", button: "mailer.held.\(what)", lines: texts,
                action: "/letters/hold/release", back: "/letters/hold")
            confirmation.fields = [("what", what)]
            return .asking(confirmation)
        }
    }

    private var release: Endpoint {
        .form("/letters/hold/release", "Release what a restore has held", access: Rights.release) {
            [releaseHold] call, transaction in
            let send = call.field("what") == "send"
            guard send || call.field("what") == "keep" else { throw Problem.invalid("what", "mailer.release-what") }
            let waiting = try releaseHold(
                send: send, by: try call.person().id, at: call.now, trace: call.trace, in: transaction)
            return .redirect(to: "/letters/hold").saying(
                send ? "mailer.released" : "mailer.released-kept", ["count": call.format.count(waiting)])
        }
    }

    private var testForm: Endpoint {
        Endpoint.form("/letters/tests", "Send a test letter", access: Rights.letters) {
            [settings] call, transaction in
            let delivery = try call.found(Delivery.self)
            let outcome = MailerTexts.text("mailer.outcome.\(delivery.outcome.rawValue)", call.language)
            return .page(
                "mailer/hold", title: "mailer.test",
                [
                    "outbox": try OutboxPages.banner(settings, call, in: transaction),
                    "tested": [
                        "address": .text(call.field("address")), "outcome": .text(outcome),
                        "words": .text(delivery.words), "isGood": .flag(delivery.outcome == .accepted),
                    ],
                ])
        }.asking { [test] call in try test.send(to: call.field("address"), call.environment) }
    }

    /// The state of outgoing mail, for the top of a page.
    static func banner(_ settings: MailSettings, _ call: Call, in transaction: any Transaction) throws -> Model {
        let outbox = try Outbox.read(in: transaction)
        let format = call.format
        let waiting = try LetterList.waiting(in: transaction)
        var model: [String: Model] = [
            "server": .text(settings.transport?.address ?? ""), "waiting": .text(format.count(waiting)),
            "held": .time(outbox.heldAt), "isAway": false,
        ]
        if outbox.heldAt == nil, let since = outbox.awaySince {
            model["isAway"] = true
            model["away"] = .time(since)
            model["next"] = .time(outbox.pausedUntil)
            model["words"] = .text(outbox.words)
        }
        return .object(model)
    }
}
