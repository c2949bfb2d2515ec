import Directory
import Dispatch
import TestKit
import Testing
import Values
import Web

@Suite("Limits of what waits, and of what leaves")
struct WebLimitTests {
    @Test("So many may wait for slow work; the next are told to come again, and what waited is done")
    func crowd() async throws {
        let toy = try WebToy()
        let gate = DispatchSemaphore(value: 0)
        var slow = Endpoint.command(.put, "/api/slow", "Waits", access: .staff, idempotent: false) { _, _ in .nothing }
        slow.before = { call in
            gate.wait()
            return call
        }
        let entrance = try Entrance(
            EndpointRunner(
                service: "toy", endpoints: [slow], database: toy.database, context: toy.context))
        let person = try #require(toy.people["employee"]).id
        let answers = await withTaskGroup(of: WebResponse.self) { group in
            for _ in 0..<70 {
                group.addTask { await entrance.run(WebRequest("PUT", "/api/slow", credential: .local(person))) }
            }
            var answers: [WebResponse] = []
            for await answer in group {
                answers.append(answer)
                // Nothing else can be answered before the gate opens.
                if answers.count == 6 { for _ in 0..<64 { gate.signal() } }
            }
            return answers
        }
        #expect(answers.prefix(6).allSatisfy { $0.status == 503 && $0.header("retry-after") == "3" })
        #expect(answers.dropFirst(6).allSatisfy { $0.status == 204 })
    }

    @Test("Whoever waits for a server of somebody else keeps nobody from hashing a password")
    func outside() async throws {
        let toy = try WebToy()
        let gate = DispatchSemaphore(value: 0)
        var away = Endpoint.page("/away", "Waits for somebody else", access: .anyone) { _, _ in .redirect(to: "/") }
        away.waitsOutside = true
        away.before = { call in
            gate.wait()
            return call
        }
        let quick = Endpoint.command(.put, "/api/quick", "Hashes", access: .staff, idempotent: false) { _, _ in
            .nothing
        }
        .asking { _ in 1 }
        let entrance = try Entrance(
            EndpointRunner(
                service: "toy", endpoints: [away, quick], database: toy.database, context: toy.context))
        let person = try #require(toy.people["employee"]).id
        await withTaskGroup(of: WebResponse.self) { group in
            for _ in 0..<20 { group.addTask { await entrance.run(WebRequest("GET", "/away")) } }
            // Answered while all of these wait.
            let answer = await entrance.run(WebRequest("PUT", "/api/quick", credential: .local(person)))
            #expect(answer.status == 204)
            for _ in 0..<20 { gate.signal() }
            for await answer in group { #expect(answer.status == 303) }
        }
    }

    @Test("A turnstile lets in as many as it has places, and again who comes after one has left")
    func turnstile() {
        let turnstile = ConcurrencyLimit(places: 2)
        #expect(turnstile.enter() && turnstile.enter() && !turnstile.enter())
        turnstile.leave()
        #expect(turnstile.enter() && !turnstile.enter())
    }

    @Test(
        "No cell of a CSV file is a formula",
        arguments: [
            ("=1+2", "\"'=1+2\""), ("+49 30", "\"'+49 30\""), ("-1", "\"'-1\""), ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""), ("  =1", "\"'  =1\""), ("a=1", "\"a=1\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("", ""),
        ])
    func formula(text: String, cell: String) {
        #expect(CSV.words(text) == cell)
    }
}
