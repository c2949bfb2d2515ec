import Contracts
import Directory
import Payouts
import Storage
import Synchronization
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Payouts: sending", .onEachDatabase)
struct SendingTests {
    @Test("X28: what a close asks for is sent to the person's destination, once, and told")
    func sent() throws {
        let fixture = try PayoutsFixture()
        let ada = try fixture.person()
        try fixture.rest()
        #expect(fixture.destination(of: ada).status == 200)
        let payout = try fixture.request(ada)
        try fixture.rest()
        #expect(try fixture.state(payout) == "paid")
        #expect(fixture.bank.moved.map(\.payout) == [payout])
        #expect(fixture.bank.moved.first?.number == "4111111111111111" && fixture.bank.moved.first?.sum == 1250)
        let event = try #require(try fixture.events(PayoutPaid.self).first)
        #expect(event.payout == payout && event.sum == Cents(1250) && event.person == ada)
        #expect(fixture.bank.unproved == 0)
        #expect(try fixture.problems() == [])
    }

    @Test("X65: what was asked for, or has to be asked again, while the clock was years ahead waits no longer for that")
    func clock() throws {
        let fixture = try PayoutsFixture()
        let ada = try fixture.person()
        try fixture.rest()
        #expect(fixture.destination(of: ada).status == 200)
        let right = fixture.clock.now
        fixture.clock.set(right.adding(seconds: 3653 * 86_400))
        fixture.bank.script([.paysAndIsLost])
        let payout = try fixture.request(ada)
        try fixture.rest()
        fixture.clock.advance(seconds: 4)
        try fixture.rest()
        fixture.clock.set(right.adding(seconds: 4))
        try fixture.settle(hours: 2)
        #expect(try fixture.state(payout) == "paid")
        #expect(fixture.bank.moved.map(\.payout) == [payout])
        #expect(try fixture.problems() == [])
    }

    @Test("X28: without a destination it waits as pending, and goes out as soon as there is one")
    func waits() throws {
        let fixture = try PayoutsFixture()
        let ada = try fixture.person()
        let payouts = [try fixture.request(ada), try fixture.request(ada, 99)]
        try fixture.settle(hours: 2)
        #expect(try payouts.map { try fixture.state($0) } == ["pending", "pending"])
        #expect(fixture.get("/api/payouts/\(payouts[0])", as: ada).text.contains("\"waits_for\":\"destination\""))
        #expect(fixture.destination(PayoutsFixture.iban, of: ada).status == 200)
        try fixture.rest()
        #expect(try payouts.map { try fixture.state($0) } == ["paid", "paid"])
        #expect(Set(fixture.bank.moved.map(\.number)) == ["DE89370400440532013000"])
        #expect(try fixture.problems() == [])
    }

    @Test("X28: the built-in provider records what it would pay, and says that it is paid")
    func builtIn() throws {
        let fixture = try PayoutsFixture(.builtIn)
        let people = try (0..<5).map { try fixture.person("P\($0)") }
        try fixture.rest()
        for person in people.dropLast() { fixture.destination(of: person) }
        let payouts = try people.map { try fixture.request($0) }
        try fixture.rest()
        #expect(try payouts.map { try fixture.state($0) } == ["paid", "paid", "paid", "paid", "pending"])
        #expect(try fixture.events(PayoutPaid.self).count == 4)
        #expect(
            fixture.callback(Array("{\"payout\":\"\(payouts[0])\",\"attempt\":1,\"status\":\"paid\"}".utf8)).status
                == 404)
        #expect(try fixture.problems() == [])
    }

    @Test(
        "X28: whatever becomes of the answer, everybody is paid once",
        arguments: [
            [SampleBank.Behaviour.paysAndIsLost], [.paysAndBabbles], [.breaks, .breaks, .pays],
            [.isLost, .paysAndIsLost], [.isLost, .isLost, .isLost, .breaks, .paysAndBabbles],
        ])
    func lost(script: [SampleBank.Behaviour]) throws {
        let fixture = try PayoutsFixture()
        let ada = try fixture.person()
        try fixture.rest()
        fixture.destination(of: ada)
        fixture.bank.script(script)
        let payout = try fixture.request(ada)
        try fixture.rest()
        #expect(try fixture.state(payout) == "sent")
        try fixture.settle()
        #expect(try fixture.state(payout) == "paid")
        #expect(fixture.bank.moved.map(\.payout) == [payout])
        #expect(try fixture.events(PayoutPaid.self).count == 1)
        #expect(try fixture.problems() == [])
    }

    @Test("X28: a refused one is failed, told, and sent again only when an accountant says so; with a higher attempt")
    func refused() throws {
        let fixture = try PayoutsFixture()
        let (ada, lee) = (try fixture.person(), try fixture.person("Lee", roles: [Role.accountant]))
        try fixture.rest()
        fixture.destination(of: ada)
        fixture.bank.script([.refuses("card expired")])
        let payout = try fixture.request(ada)
        try fixture.settle(hours: 5)
        #expect(try fixture.state(payout) == "failed")
        #expect(try fixture.events(PayoutFailed.self).map(\.reason) == ["card expired"])
        #expect(fixture.bank.moved.isEmpty)
        #expect(try fixture.problems() == [])
        fixture.destination(PayoutsFixture.iban, of: ada)
        try fixture.settle(hours: 5)
        #expect(try fixture.state(payout) == "failed")

        #expect(fixture.send("POST", "/api/payouts/\(payout)/retry", nil, as: ada).status == 403)
        for _ in 0..<2 {
            #expect(fixture.send("POST", "/api/payouts/\(payout)/retry", nil, as: lee, key: "again").status == 200)
        }
        #expect(fixture.send("POST", "/api/payouts/\(payout)/retry", nil, as: lee).status == 409)
        try fixture.rest()
        #expect(try fixture.state(payout) == "paid")
        #expect(fixture.bank.payment(payout)?.attempt == 2)
        #expect(fixture.bank.moved.map(\.number) == ["DE89370400440532013000"])
        #expect(fixture.send("POST", "/api/payouts/\(payout)/retry", nil, as: lee).status == 409)
        let json = fixture.get("/api/payouts/\(payout)", as: lee).text
        #expect(json.contains("\"by\":\"\(lee)\"") && json.contains("card expired"))
        #expect(try fixture.problems() == [])
    }

    @Test(
        "X28: payouts that nobody can be asked about keep no other from going out",
        arguments: [true, false])
    func stuck(providerIsGone: Bool) throws {
        let fixture = try PayoutsFixture()
        let people = try (0..<6).map { try fixture.person("P\($0)") }
        try fixture.rest()
        for person in people { fixture.destination(of: person) }
        fixture.bank.standard(.accepts)
        let stuck = try people.map { try fixture.request($0) }
        try fixture.settle(hours: 1)
        if providerIsGone {
            try fixture.database.write { try $0.send("UPDATE attempt SET provider = 'old.example.com'") }
        } else {
            for payout in stuck { fixture.bank.mute(payout) }
        }
        // By now each is asked about once in an hour, and there is always one whose turn it is.
        try fixture.settle(hours: 12)
        fixture.bank.standard(.pays)
        let payouts = try people.map { try fixture.request($0, 77) }
        try fixture.settle(hours: 8)
        #expect(try payouts.map { try fixture.state($0) } == payouts.map { _ in "paid" })
        #expect(try stuck.map { try fixture.state($0) } == stuck.map { _ in "sent" })
        #expect(fixture.bank.moved.map(\.payout).sorted() == payouts.sorted())
    }

    @Test(
        "X28: what a provider that is gone has taken is ended by an accountant's word, kept with the name; nothing else is"
    )
    func orphaned() throws {
        let fixture = try PayoutsFixture()
        let (ada, lee) = (try fixture.person(), try fixture.person("Lee", roles: [Role.accountant]))
        try fixture.rest()
        fixture.destination(of: ada)
        fixture.bank.standard(.accepts)
        let payouts = try (0..<3).map { try fixture.request(ada, 100 + Int64($0)) }
        try fixture.rest()
        func say(_ payout: ID, _ status: String, _ note: String = "statement of May", as person: ID) -> WebResponse {
            fixture.send(
                "POST", "/api/payouts/\(payout)/outcome", "{\"status\":\"\(status)\",\"note\":\"\(note)\"}", as: person)
        }
        // While it can be asked, only its own word counts.
        #expect(say(payouts[0], "paid", as: lee).status == 409)
        #expect(!fixture.get("/payouts/\(payouts[0])", as: lee).text.contains("/outcome"))
        try fixture.database.write { try $0.send("UPDATE attempt SET provider = 'old.example.com'") }
        #expect(fixture.get("/payouts/\(payouts[0])", as: lee).text.contains("/payouts/\(payouts[0])/outcome"))
        #expect(say(payouts[0], "paid", as: ada).status == 403)
        for (status, note) in [
            ("paid", ""), ("paid", "  "), ("lost", "x"), ("paid", String(repeating: "x", count: 201)),
        ] {
            #expect(say(payouts[0], status, note, as: lee).status == 422, "\(status), \(note.count)")
        }
        #expect(say(payouts[0], "paid", as: lee).text.contains("\"settled_by\":\"\(lee)\""))
        #expect(
            fixture.submit("/payouts/\(payouts[1])/outcome", "status=refused&note=never+arrived", as: lee).status == 303
        )
        #expect(fixture.submit("/payouts/\(payouts[2])/outcome", "status=refused&note=", as: lee).status == 422)
        #expect(say(payouts[0], "refused", as: lee).status == 409)
        #expect(try payouts.map { try fixture.state($0) } == ["paid", "failed", "sent"])
        #expect(try fixture.events(PayoutPaid.self).map(\.payout) == [payouts[0]])
        #expect(try fixture.events(PayoutFailed.self).map(\.reason) == ["never arrived"])
        #expect(fixture.get("/payouts/\(payouts[1])", as: lee).text.contains("never arrived"))
        // One bank plays both providers here: the new one knows nothing of what the old one had accepted.
        fixture.bank.settle(payouts[1], as: .refused)
        fixture.bank.standard(.pays)
        #expect(fixture.send("POST", "/api/payouts/\(payouts[1])/retry", nil, as: lee).status == 200)
        try fixture.rest()
        #expect(try fixture.state(payouts[1]) == "paid")
        #expect(try fixture.problems() == [])
    }

    @Test("X28: a retry that never reached the provider is ordered again, though it still tells of the refusal")
    func lostRetry() throws {
        let fixture = try PayoutsFixture()
        let (ada, lee) = (try fixture.person(), try fixture.person("Lee", roles: [Role.accountant]))
        try fixture.rest()
        fixture.destination(of: ada)
        fixture.bank.script([.refuses("card expired"), .isLost])
        let payout = try fixture.request(ada)
        try fixture.rest()
        #expect(fixture.send("POST", "/api/payouts/\(payout)/retry", nil, as: lee).status == 200)
        try fixture.rest()
        #expect(try fixture.state(payout) == "sent")
        try fixture.settle(hours: 2)
        #expect(try fixture.state(payout) == "paid")
        #expect(fixture.bank.payment(payout)?.attempt == 2 && fixture.bank.moved.count == 1)
        #expect(try fixture.problems() == [])
    }

    @Test("X28: what was sent stays sent: ordered again after a lost answer, it goes where the first order went")
    func destinationChanged() throws {
        let fixture = try PayoutsFixture()
        let ada = try fixture.person()
        try fixture.rest()
        fixture.destination(of: ada)
        fixture.bank.script([.isLost])
        let payout = try fixture.request(ada)
        try fixture.rest()
        fixture.destination(PayoutsFixture.iban, of: ada)
        try fixture.settle()
        #expect(try fixture.state(payout) == "paid")
        #expect(fixture.bank.moved.map(\.number) == ["4111111111111111"])
    }

    @Test("X28: verify finds a payment that the provider has made with another sum")
    func otherSum() throws {
        let fixture = try PayoutsFixture()
        let ada = try fixture.person()
        try fixture.rest()
        fixture.destination(of: ada)
        let payout = try fixture.request(ada)
        try fixture.rest()
        #expect(try fixture.problems() == [])
        fixture.bank.hasPaid(77, for: payout)
        #expect(try fixture.problems().contains { $0.contains("\(payout)") && $0.contains("has it with 0.77") })
    }

    @Test("X28: while the provider is away it is not called for each payout in turn; then everybody is paid")
    func away() throws {
        let fixture = try PayoutsFixture()
        let people = try (0..<20).map { try fixture.person("P\($0)") }
        try fixture.rest()
        for person in people { fixture.destination(of: person) }
        fixture.bank.standard(.breaks)
        let payouts = try people.map { try fixture.request($0) }
        try fixture.rest()
        #expect(fixture.bank.requests == 1)
        fixture.clock.advance(seconds: 10)
        try fixture.rest()
        #expect(fixture.bank.requests == 2)
        fixture.bank.standard(.pays)
        try fixture.settle(hours: 2)
        #expect(try payouts.allSatisfy { try fixture.state($0) == "paid" })
        #expect(fixture.bank.moved.count == 20)
    }

    @Test("X28: a delivery that comes again changes nothing; a request without a sum is parked, not paid")
    func again() throws {
        let fixture = try PayoutsFixture()
        let ada = try fixture.person()
        try fixture.rest()
        fixture.destination(of: ada)
        let payout = try fixture.request(ada)
        try fixture.tell(
            PayoutRequested(payout: payout, person: ada, day: Day(number: 1), sum: Cents(1), time: fixture.clock.now),
            id: payout, )
        let empty = try fixture.request(ada, 0)
        try fixture.rest()
        #expect(fixture.bank.moved.map(\.sum) == [1250])
        #expect(try fixture.state(empty) == nil)
        let parked: Int? = try fixture.database.read { try $0.value("SELECT COUNT(*) FROM parked") }
        #expect(parked == 1)
    }
}
