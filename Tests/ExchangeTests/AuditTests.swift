import Composition
import Foundation
import ServiceKit
import Storage
import TestKit
import Testing
import Values
import Web

/// The list of changes by hand, over all services.
@Suite("Changes by hand")
struct AuditTests {
    /// The entries of an area, the newest first.
    private func entries(_ test: TestExchange, _ area: String) throws -> [JSONValue] {
        try test.send("GET", "/api/audit?limit=200&area=\(area)", as: test.admin).json()["items"].list
    }

    private func words(_ entry: JSONValue, _ names: String...) -> String {
        names.map { entry[$0].text ?? "-" }.joined(separator: " ")
    }

    @Test("A setting that changed since the last start is told once, and of a secret only that it is another")
    func settings() throws {
        let test = try TestExchange()
        let databases = test.exchange.databases
        func start(_ values: [String: String]) throws {
            try test.exchange.compareSettings(with: SettingValues(values))
        }
        try start(["payout-limit": "500.00", "metrics-token": "an old token of many characters"])
        #expect(try entries(test, "settings").isEmpty, "the first start of all")
        var given = [
            "payout-limit": "2000.00", "closing-hour": "6", "metrics-token": "a new token of many characters",
            // Each process has its own.
            "listen": "127.0.0.1:9090",
        ]
        try start(given)
        let commits = databases.mapValues { $0.commits.count }
        try start(given)
        #expect(databases.mapValues { $0.commits.count } == commits, "the same settings are written again")
        let changed = try entries(test, "settings")
        #expect(
            Set(changed.map { words($0, "service", "kind", "subject", "before", "after", "by") }) == [
                "payouts setting payout-limit 500.00 2000.00 -", "identity setting closing-hour 0 6 -",
                "identity secret metrics-token - - -",
            ])
        #expect(changed.count == 3)
        let secrets: [String] = try #require(databases["identity"]).read { transaction in
            try transaction.fetch("SELECT value FROM last_setting WHERE name = 'metrics-token'").map { try $0(0) }
        }
        #expect(secrets.count == 1 && !secrets[0].contains("token"))
        // A setting of a new version.
        try #require(databases["identity"]).write { try $0.send("DELETE FROM last_setting WHERE name = 'currency'") }
        try start(given)
        given["currency"] = "USD"
        try start(given)
        let last = try #require(try entries(test, "settings").first)
        #expect(words(last, "subject", "before", "after") == "currency EUR USD")
        try test.exchange.settle()
        #expect(try test.findings() == [])
    }

    @Test("The password in an address is in no event, whatever characters it has")
    func addresses() throws {
        let test = try TestExchange()
        func start(_ host: String) throws {
            let given = [
                "database": "postgres://popug:o,ne:two@\(host)/popug_{service}",
                "log": "amqps://popug:three@\(host):5671,amqps://popug:four@\(host):5672",
                "provider-address": "https://popug:five@\(host)/v1",
            ]
            try test.exchange.compareSettings(with: SettingValues(given))
        }
        try start("one")
        try start("two")
        #expect(
            Set(try entries(test, "settings").map { words($0, "subject", "after") }) == [
                "database postgres://popug:••••@two/popug_{service}",
                "log amqps://popug:••••@two:5671,amqps://popug:••••@two:5672",
                "provider-address https://popug:••••@two/v1",
            ])
    }

    @Test("An admin who ends another's sessions is on the list; who signs out is not")
    func sessions() throws {
        let test = try TestExchange()
        let emma = try test.person("Emma Employee", "employee")
        let password = "{\"password\":\"a long password\"}"
        #expect(test.send("PUT", "/api/people/\(emma)/password", json: password, as: test.admin).status < 300)
        func signIn() {
            let answer = test.send(
                "POST", "/api/sessions",
                json: "{\"email\":\"emma.employee@example.com\",\"password\":\"a long password\"}", as: nil)
            #expect(answer.status == 201)
        }
        func ended() throws -> [String] {
            try entries(test, "access").filter { $0["kind"].text == "sessions-ended" }.map { words($0, "by", "person") }
        }
        signIn()
        #expect(test.send("DELETE", "/api/sessions", as: emma).status < 300)
        #expect(try ended() == [])
        signIn()
        #expect(test.send("DELETE", "/api/people/\(emma)/sessions", as: emma).status == 403)
        #expect(try ended() == [])
        #expect(test.send("DELETE", "/api/people/\(emma)/sessions", as: test.admin).status < 300)
        #expect(try ended() == ["\(test.admin) \(emma)"])
        let page = test.send("GET", "/operations/audit", as: test.admin).text
        #expect(page.contains("Sessions ended"))
    }

    @Test("The first link for a password is on the list, and no letter is written about it; about a second one is")
    func links() throws {
        let test = try TestExchange()
        let emma = try test.person("Emma Employee", "employee")
        let path = "/api/people/\(emma)/welcome-links"
        func letters() throws -> Int? {
            try test.exchange.settle()
            return try #require(test.exchange.databases["mailer"]).read {
                try $0.value("SELECT COUNT(*) FROM letter WHERE kind = 'access' AND person = \(emma)")
            }
        }
        func links() throws -> [String] {
            try entries(test, "access").filter { $0["kind"].text == "link" }.map { words($0, "by", "person") }
        }
        #expect(test.send("POST", path, as: emma).status == 403)
        #expect(try links() == [])
        #expect(test.send("POST", path, as: test.admin).status < 300)
        #expect(try links() == ["\(test.admin) \(emma)"] && letters() == 0)
        let password = "{\"password\":\"a long password\"}"
        #expect(test.send("PUT", "/api/people/\(emma)/password", json: password, as: test.admin).status < 300)
        let before = try #require(try letters())
        #expect(test.send("POST", path, as: test.admin).status < 300)
        #expect(try links().count == 2 && letters() == before + 1)
    }
}
