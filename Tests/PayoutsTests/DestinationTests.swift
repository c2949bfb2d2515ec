import Contracts
import Directory
import Payouts
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Payouts: destinations, pages and files", .onEachDatabase)
struct DestinationTests {
    let fixture: PayoutsFixture
    let ada: ID
    let bob: ID
    let lee: ID

    init() throws {
        fixture = try PayoutsFixture(.builtIn)
        ada = try fixture.person("=Ada")
        bob = try fixture.person("Боб")
        lee = try fixture.person("Lee", roles: [Role.accountant])
        try fixture.rest()
    }

    @Test(
        "X28: cards and IBANs are checked, as people type them",
        arguments: [
            ("4111 1111 1111 1111", "1111"), ("5555-5555-5555-4444", "4444"), ("378282246310005", "0005"),
            ("de89 3704 0044 0532 0130 00", "3000"), ("GB29NWBK60161331926819", "6819"),
            ("FR14 2004 1010 0505 0001 3M02 606", "2606"), ("NO93 8601 1117 947", "7947"),
        ])
    func right(number: String, tail: String) throws {
        #expect(Destination(typed: number)?.tail == tail)
    }

    @Test(
        "X28: what is no card and no IBAN is refused, and said so at the field",
        arguments: [
            "4111 1111 1111 1112", "0000 0000 0000 0000", "1", "DE88 3704 0044 0532 0130 00", "DE89", "👛", "=1+1",
            "4111111111111111111111", "٤١١١١١١١١١١١١١١١", "DE89-3704-0044-0532-0130-00-", "XX00",
        ].filter { Destination(typed: $0) == nil })
    func wrong(number: String) throws {
        #expect(Destination(typed: number) == nil)
        #expect(fixture.destination(number, of: ada).status == 422)
        let page = fixture.submit("/payouts/destination", "number=\(number.filter(\.isASCII))", as: ada)
        #expect(page.status == 422 && page.text.contains("not a valid card number"))
        #expect(fixture.get("/api/accounts/me/destination", as: ada).text == "{}")
    }

    @Test("X28: nothing that is stored, shown, answered or kept for repeating has the number in it, but the last four")
    func secret() throws {
        #expect(fixture.destination(of: ada).text.contains("•••• 1111"))
        #expect(fixture.submit("/payouts/destination", "number=4111+1111+1111+1111", as: ada).status == 303)
        let payout = try fixture.request(ada)
        try fixture.rest()
        for target in ["/payouts/mine", "/payouts/destination", "/payouts/fragments/mine"] {
            let text = fixture.get(target, as: ada).text
            #expect(text.contains("•••• 1111") && !text.contains("4111"), "\(target)")
        }
        for target in ["/payouts", "/payouts/\(payout)", "/payouts/fragments/people/\(ada)", "/payouts/payouts.csv"] {
            let text = fixture.get(target, as: lee).text
            #expect(text.contains("•••• 1111") && !text.contains("4111111"), "\(target)")
        }
        let digits = Array("411111111111".utf8)
        for (table, columns) in [
            ("payee", "sealed, tail"), ("attempt", "sealed, tail"), ("idempotency", "hash, body"),
            ("journal", "data, key"),
        ] {
            let rows = try fixture.database.read { transaction in
                try transaction.fetch(SQL(text: "SELECT \(columns) FROM \(table) LIMIT 1000", values: []))
            }
            for value in rows.flatMap(\.values) {
                switch value {
                case .blob(let bytes): #expect(bytes.firstRange(of: digits) == nil, "\(table)")
                case .text(let text): #expect(!text.contains("411111111111"), "\(table)")
                default: break
                }
            }
        }
        let kept: Int? = try fixture.database.read { try $0.value("SELECT COUNT(*) FROM idempotency") }
        #expect(kept == 0)
    }

    @Test("X28: a sealed destination opens under its key and for its person only")
    func bound() throws {
        fixture.destination(of: ada)
        // A thief moves Ada's row to Bob.
        try fixture.database.write { transaction in
            try transaction.send(
                """
                INSERT INTO payee (person, kind, sealed, tail, changed_at)
                SELECT \(bob), kind, sealed, tail, changed_at FROM payee WHERE person = \(ada)
                """)
        }
        let payout = try fixture.request(bob)
        try fixture.settle(hours: 2)
        #expect(try fixture.state(payout) == "sent")
        #expect(fixture.get("/api/payouts/\(payout)", as: lee).text.contains("cannot be read"))
        let other = PayoutsService(
            company: .test(), key: Array("another key of thirty-two bytes.".utf8),
            codes: .trial, environment: fixture.clock.environment)
        #expect(throws: ForeignDestinationKey.self) {
            try other.prepare(fixture.database, fixture.clock.environment)
        }
    }

    @Test("X7, X28: one's own are everyone's on the staff to see; another's only accountants' and admins'")
    func rights() throws {
        fixture.destination(of: ada)
        let payout = try fixture.request(ada)
        try fixture.rest()
        for target in ["/payouts", "/payouts/\(payout)", "/payouts/payouts.csv", "/api/payouts", "/api/payouts/hold"] {
            #expect(fixture.get(target, as: bob).status == 403, "\(target)")
            #expect(fixture.get(target, as: lee).status == 200, "\(target)")
        }
        #expect(fixture.get("/api/accounts/\(ada)/payouts", as: bob).status == 403)
        #expect(fixture.get("/api/accounts/\(ada)/destination", as: bob).status == 403)
        #expect(fixture.get("/api/payouts/\(payout)", as: bob).status == 404)
        #expect(fixture.get("/api/payouts/\(payout)", as: ada).text.contains("\"state\":\"paid\""))
        #expect(fixture.get("/api/accounts/me/payouts", as: ada).text.contains("\(payout)"))
        #expect(
            fixture.send("PUT", "/api/accounts/\(ada)/destination", "{\"number\":\"4111111111111111\"}", as: lee).status
                == 403)
    }

    @Test("X28: the list has pages, filters by state and person, and every payout is on one of them")
    func list() throws {
        fixture.destination(of: ada)
        var payouts: Set<String> = []
        for _ in 0..<70 {
            payouts.insert(try fixture.request(ada).description)
            payouts.insert(try fixture.request(bob).description)
        }
        try fixture.rest()
        let first = fixture.get("/payouts", as: lee).text
        #expect(first.contains("cursor="))
        #expect(first.contains("Боб") && first.contains("=Ada"))
        let pending = fixture.get("/payouts?state=pending", as: lee).text
        #expect(pending.contains("Боб") && !pending.contains("=Ada") && !pending.contains("cursor="))
        #expect(fixture.get("/payouts?person=\(ada)&state=paid", as: lee).text.contains("=Ada"))
        for wrong in ["state=lost", "cursor=zzz"] {
            #expect(fixture.get("/payouts?\(wrong)", as: lee).status == 422)
            #expect(fixture.get("/api/payouts?\(wrong)", as: lee).status == 422)
        }
        #expect(fixture.get("/payouts?person=x", as: lee).status == 404)
        let file = fixture.get("/payouts/payouts.csv?from=2026-01-01&to=2026-12-31", as: lee).text
        #expect(file.split(separator: "\r\n").count == 141)
        #expect(file.contains("\"'=Ada\""))
        for range in ["from=x", "from=2026-02-02&to=2026-01-01", "from=2020-01-01&to=2026-01-01"] {
            #expect(fixture.get("/payouts/payouts.csv?\(range)", as: lee).status == 422, "\(range)")
        }
        #expect(fixture.get("/payouts/\(fixture.clock.environment.newID())", as: lee).status == 404)
        #expect(fixture.get("/payouts/x", as: lee).status == 404)
    }

    @Test(
        "X28: verify finds what was changed behind the program's back",
        arguments: [
            ("UPDATE payout SET sum = 99", "missing or another"), ("DELETE FROM payout", "missing or another"),
            ("UPDATE payout SET state = 'pending'", "nothing is going to do it"),
            ("DELETE FROM built_in_payment", "no record of it"), ("UPDATE built_in_payment SET sum = 1", "another sum"),
            ("DELETE FROM journal", "not told once"), ("UPDATE attempt SET outcome = 'refused'", "is refused"),
        ])
    func verify(change: String, finding: String) throws {
        fixture.destination(of: ada)
        try fixture.request(ada)
        try fixture.rest()
        #expect(try fixture.problems() == [])
        try fixture.database.write { try $0.send(SQL(text: change, values: [])) }
        let problems = try fixture.problems()
        #expect(problems.contains { $0.contains(finding) }, "\(problems)")
    }

    @Test("X28: each change is told once and kept as history, masked; the same number again is no change")
    func history() throws {
        fixture.destination(of: ada)
        fixture.clock.advance(seconds: 60)
        fixture.destination("4111-1111-1111-1111", of: ada)
        fixture.destination(PayoutsFixture.iban, of: ada)
        let told = try fixture.events(DestinationChanged.self)
        #expect(told.map(\.tail) == ["1111", "3000"] && told.map(\.before) == [nil, "1111"])
        #expect(Set(told.map(\.fingerprint)).count == 2)
        let own = fixture.get("/api/accounts/me/destinations", as: ada).text
        #expect(own.contains("•••• 3000") && own.contains("•••• 1111") && own.contains("\"card\""))
        #expect(fixture.get("/api/accounts/\(ada)/destinations", as: bob).status == 403)
        #expect(fixture.get("/api/accounts/\(ada)/destinations", as: lee).text == own)
        #expect(fixture.get("/api/accounts/me/destinations?limit=1", as: ada).text.contains("\"next\""))
        for (page, person) in [("/payouts/destination", ada), ("/payouts/fragments/people/\(ada)", lee)] {
            let text = fixture.get(page, as: person).text
            #expect(text.contains("Earlier destinations") && text.contains("•••• 1111"))
        }
        #expect(try fixture.problems() == [])
    }

    @Test("X60: an older destination that is put back is found, though its person has given it once")
    func putBack() throws {
        fixture.destination(of: ada)
        let kept = try fixture.database.read { [ada] in
            try #require(try $0.fetchOne("SELECT kind, sealed, tail FROM payee WHERE person = \(ada)")).values
        }
        fixture.destination(PayoutsFixture.iban, of: ada)
        try fixture.database.write { [ada] in
            try $0.send(
                "UPDATE payee SET kind = ?, sealed = ?, tail = ? WHERE person = ?", rows: [kept + [ada.stored]])
        }
        #expect(try fixture.problems() == ["the destination of person \(ada) is not the one that they have given last"])
    }

    @Test(
        "X60: a payout whose row was changed goes nowhere, and says so",
        arguments: ["UPDATE payout SET sum = sum * 100", "UPDATE payout SET code = NULL"])
    func changedRow(change: String) throws {
        let payout = try fixture.request(ada)
        try fixture.rest()
        try fixture.database.write { try $0.send(SQL(text: change, values: [])) }
        fixture.destination(of: ada)
        try fixture.settle(hours: 1)
        #expect(try fixture.events(PayoutPaid.self).isEmpty)
        #expect(fixture.get("/api/payouts/\(payout)", as: lee).text.contains("its row was changed"))
    }

    @Test("X60: digits that are shown and are not those of the number keep it from being sent")
    func otherTail() throws {
        fixture.destination(of: ada)
        try fixture.database.write { try $0.send("UPDATE payee SET tail = '9999'") }
        try fixture.request(ada)
        try fixture.settle(hours: 1)
        #expect(try fixture.events(PayoutPaid.self).isEmpty)
    }

    @Test("A hold says how many are with the provider already")
    func held() throws {
        #expect(fixture.send("POST", "/api/payouts/hold", nil, as: lee).text.contains("\"sent\":0"))
        try fixture.database.write { [ada] in
            try $0.send(
                """
                INSERT INTO payout (id, person, day, sum, state, attempt, tries, requested_at, changed_at, trace)
                VALUES (\(ada), \(ada), 20514, 100, 'sent', 1, 1, 0, 0, '')
                """)
        }
        #expect(fixture.get("/api/payouts/hold", as: lee).text.contains("\"sent\":1"))
        #expect(fixture.get("/payouts", as: lee).text.contains("Already with the provider: 1."))
    }
}
