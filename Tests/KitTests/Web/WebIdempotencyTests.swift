import Directory
import Foundation
import Storage
import TestKit
import Testing
import Values
import Web

@Suite("Idempotency keys")
struct WebIdempotencyTests {
    @Test("The same request again is answered with what was stored, and done once")
    func replay() throws {
        let toy = try WebToy()
        let first = try toy.post(#"{"text":"a"}"#)
        #expect(first.status == 201)
        #expect(first.header("idempotency-replayed") == nil)
        let second = try toy.post(#"{"text":"a"}"#)
        #expect(second.status == 201)
        #expect(second.body == first.body)
        #expect(second.header("location") == "/api/notes/1")
        #expect(second.header("content-type") == "application/json")
        #expect(second.header("idempotency-replayed") == "true")
        #expect(try toy.notes == 1)
    }

    @Test("A key stands for one request: another input is refused")
    func mismatch() throws {
        let toy = try WebToy()
        #expect(try toy.post(#"{"text":"a"}"#).status == 201)
        let other = try toy.post(#"{"text":"b"}"#)
        #expect(other.status == 422)
        #expect(other.problem == "web.key-used")
        #expect(try toy.notes == 1)
    }

    @Test("A key belongs to a person")
    func ofAPerson() throws {
        let toy = try WebToy()
        #expect(try toy.post(#"{"text":"a"}"#, as: "boss").status == 201)
        let other = try toy.post(#"{"text":"b"}"#, as: "admin")
        #expect(other.status == 201)
        #expect(other.header("idempotency-replayed") == nil)
    }

    @Test("Missing and malformed keys are refused")
    func missing() throws {
        let toy = try WebToy()
        #expect(try toy.post(#"{"text":"a"}"#, key: nil).problem == "web.key-missing")
        for key in ["", String(repeating: "k", count: 101), "a b", "ключ"] {
            #expect(try toy.post(#"{"text":"a"}"#, key: key).problem == "web.key-invalid")
        }
        #expect(try toy.post(#"{"text":"a"}"#, key: String(repeating: "k", count: 100)).status == 201)
    }

    @Test("What failed was not done, and may be tried again with its key")
    func failed() throws {
        let toy = try WebToy()
        #expect(try toy.post(#"{"text":"conflict"}"#).status == 409)
        #expect(try toy.notes == 0)
        #expect(try toy.post(#"{"text":"a"}"#).status == 201)
    }

    @Test("Sent at the same time, a request is done once and everybody gets its answer")
    func concurrent() async throws {
        let toy = try WebToy()
        let request = try toy.note(#"{"text":"a"}"#)
        let answers = await withTaskGroup(of: WebResponse.self) { group in
            for _ in 0..<20 { group.addTask { await toy.entrance.run(request) } }
            var answers: [WebResponse] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
        #expect(answers.allSatisfy { $0.status == 201 && $0.text == #"{"text":"a"}"# })
        #expect(answers.filter { $0.header("idempotency-replayed") == nil }.count == 1)
        #expect(try toy.notes == 1)
    }

    @Test("Answers are forgotten after seven days, and not before")
    func purge() throws {
        let toy = try WebToy()
        _ = try toy.post(#"{"text":"a"}"#, key: "old")
        toy.clock.advance(seconds: Idempotency.keptSeconds - 10)
        _ = try toy.database.write { transaction in
            try transaction.change("UPDATE directory_key SET until = until + 100000000000")
        }
        _ = try toy.post(#"{"text":"b"}"#, key: "new")
        let soon = toy.clock.now
        #expect(try toy.database.write { try Idempotency.purge(in: $0, now: soon) } == false)
        toy.clock.advance(seconds: 20)
        let later = toy.clock.now
        #expect(try toy.database.write { try Idempotency.purge(in: $0, now: later) } == false)
        let left: Int? = try toy.database.read { try $0.value("SELECT COUNT(*) FROM idempotency") }
        #expect(left == 1)
        #expect(try toy.post(#"{"text":"c"}"#, key: "old").status == 201)
    }
}
