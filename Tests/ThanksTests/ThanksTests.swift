import Contracts
import Directory
import Messaging
import TestKit
import TestTraits
import Testing
import Thanks
import Values
import Web

/// The service of docs/first-service.md, through its face, on both databases.
@Suite("Thanks", .onEachDatabase)
struct ThanksTests {
    let fixture: ServiceFixture<ThanksService>
    let emma: ID
    let leo: ID
    let task: ID

    init() throws {
        fixture = try ServiceFixture(
            ThanksService.self, beside: [.tracker, .identity], settings: ["thanks-length": "20"])
        emma = try fixture.person("Emma")
        leo = try fixture.person("Leo")
        task = fixture.clock.environment.newID()
        try fixture.publish(
            TaskCompleted(task: task, title: "Feed the cat", jiraID: nil, assignee: emma, time: fixture.clock.now))
        try fixture.settle()
    }

    private func thank(_ words: String = "Well done", as person: ID) -> WebResponse {
        fixture.send("POST", "/api/thanks", "{\"task\":\"\(task)\",\"words\":\"\(words)\"}", as: person)
    }

    @Test("Thanks are shown to everybody, and published")
    func given() throws {
        #expect(thank(as: leo).status == 201)
        #expect(fixture.get("/thanks", as: emma).text.contains("Well done"))
        #expect(fixture.get("/api/thanks", as: emma).text.contains("\"by\":\"\(leo)\""))
        let told = try #require(try fixture.events(ThanksGiven.self).first)
        #expect(told.person == emma && told.words == "Well done")
        #expect(try fixture.problems().isEmpty)
    }

    @Test("The next page says what was done")
    func said() throws {
        let sent = fixture.submit("/thanks", "task=\(task)&words=Thanks", as: leo)
        #expect(sent.status == 303 && sent.header("location") == "/thanks")
        #expect(sent.headers.contains { $0.name == "set-cookie" && $0.value.contains("popug_said=") })
    }

    @Test("Nobody thanks twice, or themselves, or for what nobody has done; what is refused leaves nothing")
    func refused() throws {
        #expect(thank(as: emma).status == 422)
        #expect(thank("far more words than anybody needs", as: leo).status == 422)
        let page = fixture.submit("/thanks", "task=none&words=Thanks", as: leo)
        #expect(page.status == 422 && page.text.contains("No such task has been done"))
        #expect(try fixture.events(ThanksGiven.self).isEmpty)
        #expect(thank(as: leo).status == 201 && thank(as: leo).status == 409)
        #expect(try fixture.events(ThanksGiven.self).count == 1)
    }
}
