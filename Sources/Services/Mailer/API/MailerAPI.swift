import Directory
import Schemas
import ServiceKit
import Storage
import Values
import Web

/// What other programs may ask of the Mailer.
struct MailerAPI: Sendable {
    let settings: MailSettings
    let writer: LetterWriter
    let sendAgain: SendAgain
    let releaseHold: ReleaseHold
    let test: TestLetter

    var endpoints: [Endpoint] { [letters, letter, again, ofPayout, outbox, release, testLetter] }

    private var letters: Endpoint {
        .list(
            "/api/letters", "Letters, the newest first", access: Rights.letters,
            query: [
                Parameter("state", Letter.State.schema, "Only letters in this state"),
                Parameter("person", .id, "Only letters to this person"),
            ], of: Letter.resource
        ) { call, transaction in
            let filter = LetterList.Filter(
                state: call.query("state").flatMap(Letter.State.init(rawValue:)),
                people: call.query("person").flatMap { ID($0) }.map { [$0] })
            return try call.page(by: \.position) {
                try LetterList.list(filter, before: $0, limit: $1, in: transaction)
            }
        }
    }

    private var letter: Endpoint {
        .read(
            "/api/letters/{letter}", "One letter: what it says, and its attempts", access: Rights.letters,
            gives: WholeLetter.resource
        ) { [writer] call, transaction in
            guard let letter = try Letter.of(try call.id("letter"), in: transaction) else { return nil }
            return WholeLetter(
                letter: letter, message: try LetterPages.message(of: letter, writer, in: transaction),
                attempts: try Attempt.of(letter, in: transaction))
        }
    }

    private var again: Endpoint {
        .command(
            .post, "/api/letters/{letter}/copies", "Send a letter again", access: Rights.letters,
            gives: Letter.resource, status: 202
        ) { [sendAgain] call, transaction in
            try sendAgain(
                try call.id("letter"), by: try call.person().id, at: call.now, trace: call.trace, in: transaction)
        }
    }

    private var ofPayout: Endpoint {
        .read(
            "/api/payout-letters/{person}/{day}", "The letter about a day's payout; `me` is oneself", access: .staff,
            gives: Letter.resource
        ) { call, transaction in
            try Letter.ofPayout(to: try Rights.person(call), on: try call.day("day"), in: transaction)
        }
    }

    private var outbox: Endpoint {
        .read("/api/mail", "How outgoing mail does", access: Rights.release, gives: OutgoingMail.resource) {
            [settings, writer] _, transaction in
            OutgoingMail(
                server: settings.transport?.address, from: writer.from.description,
                waiting: try LetterList.waiting(in: transaction), outbox: try Outbox.read(in: transaction))
        }
    }

    private struct MailRelease: Shaped {
        let send: Bool

        static let shape = Shape("MailRelease", MailRelease.init) {
            Field("send", \.send, "Whether what waits is sent; otherwise it is kept, and can be read")
        }
    }

    private var release: Endpoint {
        .command(
            .post, "/api/mail/release", "Release letters that are held since the data came from a backup",
            access: Rights.release, takes: MailRelease.self
        ) { [releaseHold] call, release, transaction in
            try releaseHold(
                send: release.send, by: try call.person().id, at: call.now, trace: call.trace, in: transaction)
            return .nothing
        }
    }

    private struct MailTest: Shaped {
        let address: String

        static let shape = Shape("MailTest", MailTest.init) {
            Field("address", \.address, .text(3...254), "Where to")
        }
    }

    private var testLetter: Endpoint {
        Endpoint.command(
            .post, "/api/mail/tests", "Send a test letter and say what the mail server said", access: Rights.letters,
            takes: MailTest.self, gives: Delivery.resource
        ) { call, _, _ in try call.found(Delivery.self) }.asking { [test] call in
            try test.send(to: try call.found(MailTest.self).address, call.environment)
        }
    }
}
