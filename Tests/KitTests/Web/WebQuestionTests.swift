import Directory
import HTTPDriver
import Schemas
import Storage
import TestKit
import Testing
import Values
import Web

/// What services ask each other: answered for the installation's own processes, and not there for anyone else.
@Suite("Questions between services")
struct WebQuestionTests {
    private struct Asked: Codable, Sendable { let number: Int }
    private static let double = Question<Asked, Int?>("double", "Twice a number; nothing for a negative one")

    private let toy: WebToy
    private let entrance: Entrance

    init() throws {
        toy = try WebToy()
        let answers = [
            Self.double.answered(by: "toy", reading: true) { asked, _, _ in
                if asked.number == 0 { throw Problem.invalid("number", "web.value") }
                if asked.number == 5 { throw StorageError.failed("secret internals") }
                if asked.number == 1 { throw StorageError.unavailable("locked") }
                return asked.number < 0 ? nil : asked.number * 2
            }
        ]
        entrance = try Entrance(
            EndpointRunner(service: "toy", endpoints: answers, database: toy.database, context: toy.context))
    }

    private func ask(
        _ body: String, credential: WebRequest.Credential = .headers, signature: String? = nil
    ) -> WebResponse {
        var request = WebRequest(
            "POST", Self.double.path(of: "toy"), body: Array(body.utf8), credential: credential)
        request.headers.contentType = "application/json"
        request.headers.signature = signature
        return entrance.runNow(request)
    }

    @Test("X66: only who has the installation's key is answered; for all others, admins too, there is nothing")
    func guarded() throws {
        let body = #"{"number":21}"#
        let key = EndpointRunner.insideKey(secret: [UInt8](repeating: 7, count: 32))
        let path = Self.double.path(of: "toy")
        func signature(_ body: String, at now: Instant, key: [UInt8]) -> String {
            SignedRequest.value("POST", path, body: Array(body.utf8), at: now, secret: key)
        }
        let admin = try #require(toy.people["admin"])
        #expect(ask(body).status == 404)
        #expect(ask(body, credential: .local(admin.id)).status == 404)
        #expect(ask(body, credential: .inside).text == #"{"reply":42}"#)
        #expect(ask(body, signature: signature(body, at: toy.clock.now, key: key)).text == #"{"reply":42}"#)
        let wrong = [
            signature(#"{"number":22}"#, at: toy.clock.now, key: key),
            signature(body, at: toy.clock.now.adding(seconds: -301), key: key),
            signature(body, at: toy.clock.now, key: [UInt8](repeating: 7, count: 32)), "t=1,v1=00", "",
        ]
        for signature in wrong { #expect(ask(body, signature: signature).status == 404, "\(signature)") }
        #expect(ask("{", credential: .inside).status == 400)
    }

    @Test("An asker gets what was answered, nothing too; what is away is told from what can't be answered")
    func asked() throws {
        let asker = AnsweringAsker()
        #expect(throws: StorageError.unavailable("toy is away")) {
            try asker.ask(Self.double, of: "toy", Asked(number: 2))
        }
        asker.set(entrance)
        #expect(try asker.ask(Self.double, of: "toy", Asked(number: 2)) == 4)
        #expect(try asker.ask(Self.double, of: "toy", Asked(number: -2)) == nil)
        let answers = try asker.ask(Self.double, [0, 1, 3, 5].map { ("toy", Asked(number: $0)) })
        guard case .failure(StorageError.failed(let words)) = answers[0] else {
            Issue.record("\(answers[0])")
            return
        }
        #expect(words.contains("422"))
        for place in [1, 3] {
            guard case .failure(StorageError.unavailable(let words)) = answers[place] else {
                Issue.record("\(answers[place])")
                continue
            }
            #expect(words.contains("toy answered 50") && !words.contains("secret"))
        }
        #expect(try answers[2].get() == 6)
    }
}
