import Directory
import Storage
import Values
import Web
import ServiceKit

/// What other programs may ask of the Mailer.
struct MailerAPI: Sendable {
    let settings: MailSettings
    let writer: LetterWriter
    let sendAgain: SendAgain
    let test: TestLetter

    var endpoints: [Endpoint] { [letters, letter, again, ofPayout, outbox, release, testLetter] }

    private var letters: Endpoint {
        .read(
            "/api/letters", "Letters, the newest first", access: Rights.letters,
            query: [
                Parameter("state", .choice(Letter.State.allCases.map(\.rawValue)), "Only letters in this state"),
                Parameter("person", .id, "Only letters to this person"), .cursor, .limit,
            ],
            gives: Schema.page(of: LetterView.schema)
        ) { call, transaction in
            let filter = LetterList.Filter(
                state: call.query("state").flatMap(Letter.State.init(rawValue:)),
                people: call.query("person").flatMap { ID($0) }.map { [$0] })
            let page = try LetterList.page(
                filter, before: try MailerAPI.position(call), limit: try call.limit(), in: transaction)
            return try .json(
                ListPage(items: page.letters.map(LetterView.init), next: page.next.map(MailerAPI.cursor)))
        }
    }

    static func position(_ call: Call) throws -> Int64? {
        try call.cursor(1).map { try Cursor.value($0, 0, as: Int64.self) }
    }

    static func cursor(_ position: Int64) -> String { Cursor.encode([.integer(position)]) }

    private var letter: Endpoint {
        .read(
            "/api/letters/{letter}", "One letter: what it says, and its attempts", access: Rights.letters,
            gives: WholeLetterView.schema
        ) { [writer] call, transaction in
            guard let letter = try Letter.of(try call.id("letter"), in: transaction) else { throw Problem.notFound }
            return try .json(
                WholeLetterView(
                    letter: LetterView(letter),
                    message: try LetterPages.message(of: letter, writer, in: transaction),
                    attempts: try Attempt.of(letter, in: transaction).map(WholeLetterView.AttemptView.init)))
        }
    }

    private var again: Endpoint {
        .command(
            .post, "/api/letters/{letter}/copies", "Send a letter again", access: Rights.letters,
            gives: LetterView.schema
        ) { [sendAgain] call, transaction in
            try .json(
                LetterView(try sendAgain(try call.id("letter"), at: call.now, in: transaction)), status: 202)
        }
    }

    private var ofPayout: Endpoint {
        .read(
            "/api/payout-letters/{person}/{day}", "The letter about a day's payout; `me` is oneself", access: .staff,
            gives: LetterView.schema
        ) { call, transaction in
            let letter = try Letter.ofPayout(to: try Rights.person(call), on: try call.day("day"), in: transaction)
            guard let letter else { throw Problem.notFound }
            return try .json(LetterView(letter))
        }
    }

    private var outbox: Endpoint {
        .read("/api/mail", "How outgoing mail does", access: Rights.release, gives: OutboxView.schema) {
            [settings, writer] call, transaction in
            try .json(
                OutboxView(
                    try Outbox.read(in: transaction), settings, writer,
                    waiting: try LetterList.waiting(in: transaction)))
        }
    }

    private var release: Endpoint {
        .command(
            .post, "/api/mail/release", "Release letters that are held since the data came from a backup",
            access: Rights.release,
            takes: .object(
                "MailRelease",
                [.init("send", .boolean, "Whether what waits is sent; otherwise it is kept, and can be read")])
        ) { call, transaction in
            struct Body: Decodable { let send: Bool }
            let body: Body = try call.decode()
            try ReleaseHold.perform(send: body.send, at: call.now, in: transaction)
            return .nothing
        }
    }

    private var testLetter: Endpoint {
        struct Body: Decodable { let address: String }
        return Endpoint.command(
            .post, "/api/mail/tests", "Send a test letter and say what the mail server said", access: Rights.letters,
            takes: .object("MailTest", [.init("address", .text(3...254), "Where to")]), gives: TestLetterView.schema
        ) { call, _ in try .json(TestLetterView(call.found(Delivery.self))) }.asking { [test] call in
            try test.send(to: try call.decode(Body.self).address, call.environment)
        }
    }
}
