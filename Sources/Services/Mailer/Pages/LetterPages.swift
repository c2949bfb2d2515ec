import Directory
import ServiceKit
import Storage
import Values
import Web

/// The pages of letters: the list, and one letter with its text and its delivery.
struct LetterPages: Sendable {
    let settings: MailSettings
    let writer: LetterWriter
    let sendAgain: SendAgain

    var endpoints: [Endpoint] { [list, one, html, askAgain, again, ofDay, undelivered] }

    private var list: Endpoint {
        .page("/letters", "Letters, the newest first", access: Rights.letters) { [settings] call, transaction in
            let (state, search) = (call.query("state"), call.query("person"))
            let filter = LetterList.Filter(
                state: state.flatMap(Letter.State.init(rawValue:)),
                people: try search.map { try LetterList.people(like: $0.beginning(200), in: transaction) })
            let part = try call.page(by: \.position) {
                try LetterList.list(filter, before: $0, limit: $1, in: transaction)
            }
            let people = try Directory.people(part.rows.map(\.person), in: transaction)
            let query = [("state", state), ("person", search)].compactMap { name, value in
                value.map { "&\(name)=\(PercentCoding.encode($0))" }
            }.joined()
            let states: [Model] = Letter.State.allCases.map { one in
                [
                    "value": .text(one.rawValue), "label": .text(LetterPages.name(of: one, call.language)),
                    "chosen": .flag(filter.state == one),
                ]
            }
            let rows = part.rows.map { LetterPages.row($0, people[$0.person], call) }
            let outbox = try OutboxPages.banner(settings, call, in: transaction)
            return .page(
                "mailer/letters", title: "mailer.letters",
                [
                    "states": .list(states), "person": .text(search ?? ""), "rows": .list(rows),
                    "hasRows": .flag(!rows.isEmpty), "isFiltered": .flag(!query.isEmpty),
                    "first": .text(call.query("cursor") == nil ? "" : "/letters?" + query.dropFirst()),
                    "next": .text(part.next.map { "/letters?cursor=\($0)" + query } ?? ""),
                    "outbox": outbox, "myAddress": .text(MailAddress.shown(try call.person().email)),
                ])
        }
    }

    private var one: Endpoint {
        .page("/letters/{letter}", "One letter", access: Rights.letters) { [writer, settings] call, transaction in
            guard let letter = try Letter.of(try call.id("letter"), in: transaction) else { throw Problem.notFound }
            let message = try LetterPages.message(of: letter, writer, in: transaction)
            let person = try Directory.person(letter.person, in: transaction)
            var model: [String: Model] = [
                "letter": LetterPages.row(letter, person, call), "id": .text(letter.id.description),
                "hasSaid": .flag(message != nil), "mayResend": false, "isDropped": .flag(message == nil),
                "attempts": .list(try Attempt.of(letter, in: transaction).map { LetterPages.row($0, call) }),
                "isUntried": .flag(letter.tries == 0),
            ]
            model["mayResend"] = .flag(
                settings.transport != nil && letter.state != .waiting && message != nil && letter.kind != .link)
            if let message {
                model["messageID"] = .text(LetterWriter.messageID(of: letter, writer.host))
                model["subject"] = .text(message.subject)
                model["text"] = .text(message.text)
                model["headers"] = .text(
                    message.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n").replacing(
                        "\r\n", with: "\n"))
            }
            var answer = Answer.page(
                "mailer/letter", title: message?.subject ?? "mailer.letter", .object(model))
            // The page's own policy, and permission to frame the letter's HTML.
            answer.headers.append(("Content-Security-Policy", LetterPages.framingPolicy))
            return answer
        }
    }

    private static let framingPolicy = [
        "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "frame-src 'self'",
    ].joined(separator: "; ")

    /// Allows only the letter's own inline styles: no script, no picture, no form, no working link.
    private static let framedPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

    private var html: Endpoint {
        .page("/letters/{letter}/html", "A letter's HTML part, in a frame", access: Rights.letters) {
            [writer] call, transaction in
            guard let letter = try Letter.of(try call.id("letter"), in: transaction),
                let message = try LetterPages.message(of: letter, writer, in: transaction)
            else { throw Problem.notFound }
            var answer = Answer(
                status: 200, content: .bytes(Array(message.html.utf8), type: "text/html; charset=utf-8"))
            answer.headers.append(("Content-Security-Policy", LetterPages.framedPolicy))
            return answer
        }
    }

    private var askAgain: Endpoint {
        .page("/letters/{letter}/copies", "What sending a letter again does", access: Rights.letters) {
            [writer, settings] call, transaction in
            guard let letter = try Letter.of(try call.id("letter"), in: transaction) else { throw Problem.notFound }
            let path = "/letters/\(letter.id)"
            guard settings.transport != nil, letter.state != .waiting, letter.kind != .link,
                let message = try LetterPages.message(of: letter, writer, in: transaction)
            else { return .redirect(to: path) }
            let person = try Directory.person(letter.person, in: transaction)
            let to = [person?.name ?? "", MailAddress.shown(letter.addressee ?? person?.email ?? "")]
            var confirmation = Confirmation(
                title: "mailer.again.title", button: "mailer.again", lines: [LetterPages.before(letter, call)],
                action: path + "/copies", back: path)
            confirmation.facts = [
                (MailerTexts.text("mailer.to", call.language), to.filter { !$0.isEmpty }.joined(separator: ", ")),
                (MailerTexts.text("mailer.subject", call.language), message.subject),
            ]
            return .asking(confirmation)
        }
    }

    /// What happened so far to a letter that may be sent again.
    private static func before(_ letter: Letter, _ call: Call) -> String {
        switch letter.state {
        case .sent:
            MailerTexts.text(
                "mailer.again.sent", call.language, ["time": call.format.time(letter.endedAt ?? letter.at)])
        case .kept: MailerTexts.text("mailer.again.kept", call.language)
        case .waiting, .refused, .givenUp: MailerTexts.text("mailer.again.failed", call.language)
        }
    }

    private var again: Endpoint {
        .form("/letters/{letter}/copies", "Send a letter again", access: Rights.letters) {
            [sendAgain, writer] call, transaction in
            let letter = try sendAgain(
                try call.id("letter"), by: try call.person().id, at: call.now, trace: call.trace, in: transaction)
            let subject = try LetterPages.message(of: letter, writer, in: transaction)?.subject ?? ""
            return .redirect(to: "/letters/\(letter.id)").saying("mailer.sent-again", ["subject": subject])
        }
    }

    /// On the account's page: the delivery of the letter about a day's payout (X27).
    private var ofDay: Endpoint {
        .fragment(
            "/mailer/fragments/letters/{person}/{day}", "The letter about a day's payout", access: .staff
        ) { call, transaction in
            let letter = try Letter.ofPayout(to: try Rights.person(call), on: try call.day("day"), in: transaction)
            guard let letter else { return .fragment("mailer/day", ["letter": nil]) }
            let isAdmin = try call.person().holds(anyOf: [Role.admin])
            return .fragment(
                "mailer/day",
                ["letter": LetterPages.row(letter, nil, call), "link": isAdmin ? "/letters/\(letter.id)" : ""])
        }
    }

    /// The count beside the entry in the navigation.
    private var undelivered: Endpoint {
        .count(
            "/mailer/fragments/undelivered", access: Rights.letters, about: "mailer.undelivered", as: .trouble,
            topics: ["mailer"]
        ) { call, transaction in
            try LetterList.undelivered(at: call.now, in: transaction)
        }
    }

    // MARK: Parts

    /// The letter as it was or would be sent; `nil` once its text was dropped.
    static func message(
        of letter: Letter, _ writer: LetterWriter, in transaction: any Transaction
    ) throws -> MailMessage? {
        let person = try Directory.person(letter.person, in: transaction)
        let address = letter.ownAddress ?? person?.email ?? ""
        let name = person?.name ?? ""
        let to =
            try (try? Mailbox(name: name, address: address)) ?? Mailbox(name: name, address: "nobody@\(writer.host)")
        return try writer.message(of: letter, to: to)
    }

    static func name(of state: Letter.State, _ language: Language) -> String {
        MailerTexts.text("mailer.state.\(state.rawValue)", language)
    }

    static func row(_ letter: Letter, _ person: Person?, _ call: Call) -> Model {
        let format = call.format
        return [
            "id": .text(letter.id.description), "href": .text("/letters/\(letter.id)"), "time": .time(letter.at),
            "kind": .text(MailerTexts.text("mailer.kind.\(letter.kind.rawValue)", call.language)),
            "items": .text(letter.items > 1 ? format.count(letter.items) : ""),
            "day": .text(letter.day.map { format.day($0) } ?? ""), "person": .text(letter.person.description),
            "name": .text(person?.name ?? MailerTexts.text("mailer.unknown", call.language)),
            "address": .text(MailAddress.shown(letter.ownAddress ?? person?.email ?? "")),
            "state": .text(name(of: letter.state, call.language)), "tone": .text(tone(of: letter.state)),
            "tries": .text(format.count(letter.tries)), "words": .text(letter.words),
            "next": .time(letter.nextTry), "ended": .time(letter.state == .kept ? nil : letter.endedAt),
            "isKept": .flag(letter.state == .kept), "isWaiting": .flag(letter.state == .waiting),
        ]
    }

    private static func row(_ attempt: Attempt, _ call: Call) -> Model {
        let outcome = attempt.outcome?.rawValue ?? "unknown"
        return [
            "number": .text(String(attempt.number)), "time": .time(attempt.at),
            "address": .text(MailAddress.shown(attempt.address)), "words": .text(attempt.words),
            "outcome": .text(MailerTexts.text("mailer.outcome.\(outcome)", call.language)),
            "tone": attempt.outcome == .accepted ? "done" : attempt.outcome == .refused ? "bad" : "warn",
        ]
    }

    /// The class that colours a state.
    private static func tone(of state: Letter.State) -> String {
        switch state {
        case .waiting: "info"
        case .sent: "done"
        case .refused, .givenUp: "bad"
        case .kept: ""
        }
    }
}
