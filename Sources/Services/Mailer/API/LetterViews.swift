import Values
import Web
import ServiceKit

/// A letter, as programs see it.
struct LetterView: Encodable, Sendable {
    let id: ID
    let person: ID
    let kind: String
    let state: String
    let day: Day?
    let items: Int
    let address: String?
    let time: Instant
    let tries: Int
    let nextTry: Instant?
    let endedAt: Instant?
    let words: String?
    let copies: Int

    enum CodingKeys: String, CodingKey {
        case id, person, kind, state, day, items, address, time, tries, words, copies
        case nextTry = "next_try"
        case endedAt = "ended_at"
    }

    init(_ letter: Letter) {
        id = letter.id
        person = letter.person
        kind = letter.kind.rawValue
        state = letter.state.rawValue
        day = letter.day
        items = letter.items
        address = letter.address ?? letter.addressee
        time = letter.at
        tries = letter.tries
        nextTry = letter.nextTry
        endedAt = letter.endedAt
        words = letter.words.isEmpty ? nil : letter.words
        copies = letter.copies
    }

    static let fields: [Schema.Field] = [
        .init("id", .id, "Its id; the Message-ID is made of it"),
        .init("person", .id, "Whom it is to"),
        .init("kind", .choice(Letter.Kind.allCases.map(\.rawValue)), "What it is for"),
        .init("state", .choice(Letter.State.allCases.map(\.rawValue)), "What became of it"),
        .init("day", .optional(.day), "The business day that a payout's letter is about"),
        .init("items", .integer(0...Int64.max), "How many events it tells of"),
        .init(
            "address", .optional(.string),
            "Where it was last sent, or is to go where that is not the person's address as it is"),
        .init("time", .instant, "When it was written"),
        .init("tries", .integer(0...Int64.max), "How often it was tried"),
        .init("next_try", .optional(.instant), "When it is tried next"),
        .init("ended_at", .optional(.instant), "When it came to its state; missing while it waits"),
        .init("words", .optional(.string), "What the mail server last said of it"),
        .init("copies", .integer(0...Int64.max), "How often it was sent again by hand"),
    ]
    static let schema = Schema.object("Letter", fields)
}

/// A letter with what it says and its attempts.
struct WholeLetterView: Encodable, Sendable {
    struct AttemptView: Encodable, Sendable {
        let number: Int
        let time: Instant
        let address: String
        let outcome: String?
        let words: String?

        init(_ attempt: Attempt) {
            number = attempt.number
            time = attempt.at
            address = attempt.address
            outcome = attempt.outcome?.rawValue
            words = attempt.words.isEmpty ? nil : attempt.words
        }

        static let schema = Schema.object(
            "LetterAttempt",
            [
                .init("number", .integer(1...Int64.max), "Counted from 1"),
                .init("time", .instant, "When it began"),
                .init("address", .string, "Where to"),
                .init(
                    "outcome", .optional(.choice(Delivery.Outcome.allCases.map(\.rawValue))),
                    "Missing where the program ended before it knew"),
                .init("words", .optional(.string), "What the mail server said"),
            ])
    }

    let letter: LetterView
    let message: MailMessage?
    let attempts: [AttemptView]

    private enum CodingKeys: String, CodingKey {
        case subject, text, html, attempts
        case messageID = "message_id"
    }

    func encode(to encoder: any Encoder) throws {
        try letter.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(message?.subject, forKey: .subject)
        try container.encodeIfPresent(message?.text, forKey: .text)
        try container.encodeIfPresent(message?.html, forKey: .html)
        try container.encodeIfPresent(message?.messageID, forKey: .messageID)
        try container.encode(attempts, forKey: .attempts)
    }

    static let schema = Schema.object(
        "WholeLetter",
        LetterView.fields + [
            .init("subject", .optional(.string), "Missing, as all that it says, once that was dropped"),
            .init("text", .optional(.string), "As plain text"),
            .init("html", .optional(.string), "As HTML"),
            .init("message_id", .optional(.string), "Its Message-ID, without the angle brackets"),
            .init("attempts", .list(AttemptView.schema), "The latest first"),
        ])
}

/// How outgoing mail does.
struct OutboxView: Encodable, Sendable {
    let server: String?
    let from: String
    let waiting: Int
    let heldAt: Instant?
    let awaySince: Instant?
    let pausedUntil: Instant?
    let words: String?

    enum CodingKeys: String, CodingKey {
        case server, from, waiting, words
        case heldAt = "held_at"
        case awaySince = "away_since"
        case pausedUntil = "paused_until"
    }

    init(_ outbox: Outbox, _ settings: MailSettings, _ writer: LetterWriter, waiting: Int) {
        server = settings.transport?.address
        from = writer.from.description
        self.waiting = waiting
        heldAt = outbox.heldAt
        awaySince = outbox.awaySince
        pausedUntil = outbox.pausedUntil
        words = outbox.words.isEmpty ? nil : outbox.words
    }

    static let schema = Schema.object(
        "Outbox",
        [
            .init("server", .optional(.string), "The mail server; missing where letters are only kept"),
            .init("from", .string, "Whom letters come from"),
            .init("waiting", .integer(0...Int64.max), "How many letters wait"),
            .init("held_at", .optional(.instant), "Since when all are held because the data came from a backup"),
            .init("away_since", .optional(.instant), "Since when the mail server cannot be reached"),
            .init("paused_until", .optional(.instant), "When it is tried next"),
            .init("words", .optional(.string), "What it said, or why it cannot be reached"),
        ])
}

/// What the mail server said to a test letter.
struct TestLetterView: Encodable, Sendable {
    let outcome: String
    let code: Int
    let words: String

    init(_ delivery: Delivery) {
        outcome = delivery.outcome.rawValue
        code = delivery.code
        words = delivery.words
    }

    static let schema = Schema.object(
        "TestLetter",
        [
            .init("outcome", .choice(Delivery.Outcome.allCases.map(\.rawValue)), "What became of it"),
            .init("code", .integer(0...999), "SMTP's reply code; 0 where there was none"),
            .init("words", .string, "What the server said, or what went wrong on the way to it"),
        ])
}
