import Schemas
import ServiceKit
import Values

extension Letter {
    /// A letter, as programs see it.
    static let resource = Resource<Letter>("Letter") {
        Field("id", \.id, "Its id; the Message-ID is made of it")
        Field("person", \.person, "Whom it is to")
        Field("kind", \.kind, "What it is for")
        Field("state", \.state, "What became of it")
        Field("day", \.day, "The business day that a payout's letter is about")
        Field("items", \.items, "How many events it tells of")
        Field(
            "address", \.ownAddress,
            "Where it was last sent, or is to go where that is not the person's address as it is")
        Field("time", \.at, "When it was written")
        Field("tries", \.tries, "How often it was tried")
        Field("next_try", \.nextTry, "When it is tried next")
        Field("ended_at", \.endedAt, "When it came to its state; missing while it waits")
        Field("words", \.words.unlessEmpty, "What the mail server last said of it")
        Field("copies", \.copies, "How often it was sent again by hand")
    }
}

extension Attempt: Shown {
    /// One attempt to send a letter, as programs see it.
    static let resource = Resource<Attempt>("LetterAttempt") {
        Field("number", \.number, .integer(1...Int64.max), "Counted from 1")
        Field("time", \.at, "When it began")
        Field("address", \.address, "Where to")
        Field(
            "outcome", \.outcome?.rawValue, .optional(.choice(Delivery.Outcome.allCases.map(\.rawValue))),
            "Missing where the program ended before it knew")
        Field("words", \.words.unlessEmpty, "What the mail server said")
    }
}

/// A letter with its text and its attempts.
struct WholeLetter: Sendable {
    let letter: Letter
    /// `nil` once the text was dropped.
    let message: MailMessage?
    let attempts: [Attempt]

    static let resource = Resource<WholeLetter>("WholeLetter") {
        Letter.resource.fields(of: \.letter)
        Field("subject", \.message?.subject, "Missing, as all that it says, once that was dropped")
        Field("text", \.message?.text, "As plain text")
        Field("html", \.message?.html, "As HTML")
        Field("message_id", \.message?.messageID, "Its Message-ID, without the angle brackets")
        Field("attempts", \.attempts, "The latest first")
    }
}

/// The state of outgoing mail.
struct OutgoingMail: Sendable {
    let server: String?
    let from: String
    let waiting: Int
    let outbox: Outbox

    static let resource = Resource<OutgoingMail>("Outbox") {
        Field("server", \.server, "The mail server; missing where letters are only kept")
        Field("from", \.from, "Whom letters come from")
        Field("waiting", \.waiting, "How many letters wait")
        Field("held_at", \.outbox.heldAt, "Since when all are held because the data came from a backup")
        Field("away_since", \.outbox.awaySince, "Since when the mail server cannot be reached")
        Field("paused_until", \.outbox.pausedUntil, "When it is tried next")
        Field("words", \.outbox.words.unlessEmpty, "What it said, or why it cannot be reached")
    }
}

extension Delivery {
    /// What the mail server answered to a test letter.
    static let resource = Resource<Delivery>("TestLetter") {
        Field("outcome", \.outcome.rawValue, .choice(Outcome.allCases.map(\.rawValue)), "What became of it")
        Field("code", \.code, .integer(0...999), "SMTP's reply code; 0 where there was none")
        Field("words", \.words, "What the server said, or what went wrong on the way to it")
    }
}

extension String {
    /// `nil` if the text is empty.
    fileprivate var unlessEmpty: String? { isEmpty ? nil : self }
}
