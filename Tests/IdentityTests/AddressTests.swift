import Crypto
import Directory
import Foundation
import Hosting
import Identity
import ServiceKit
import Storage
import TestKit
import Testing
import Values
import Web

/// Addresses whose domain has letters beyond ASCII, and what mail refuses.
@Suite("Addresses of people")
struct AddressTests {
    private static let forms = [
        "user@bücher.example", "user@xn--bcher-kva.example", "USER@BÜCHER.EXAMPLE", "user@bu\u{308}cher.example",
        " user@XN--BCHER-KVA.example ",
    ]

    private static func body(_ name: String, _ email: String, password: Bool = false) -> String {
        let more = password ? #", "password": "a long password""# : ""
        return #"{"name": "\#(name)", "email": "\#(email)", "roles": ["employee"]\#(more)}"#
    }

    @Test(
        "A domain in letters and as a browser sends it are one address, however the account was made", arguments: forms)
    func oneAddress(typed: String) throws {
        let bench = try IdentityFixture()
        let made = bench.admin("POST", "/api/people", AddressTests.body("Ute", typed, password: true))
        #expect(made.status == 201)
        #expect(try bench.field("email", made).lowercased() == "user@xn--bcher-kva.example")
        for form in AddressTests.forms {
            #expect(bench.signIn(form, "a long password").status == 201, "\(form)")
            let second = bench.admin("POST", "/api/people", AddressTests.body("Other", form))
            #expect(second.status == 422 && second.text.contains("identity.email-taken"), "\(form)")
            let query = form.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            #expect(bench.admin("GET", "/api/people?search=\(query)").text.contains("Ute"), "\(form)")
        }
        for part in ["b%C3%BCcher", "bucher", "BU%CC%88CH", "user%40b%C3%BCch", "user%40xn--bch", "bcher", "xn"] {
            #expect(bench.admin("GET", "/api/people?search=\(part)").text.contains("Ute"), "\(part)")
        }
        let id = try bench.field("id", made)
        for path in ["/people", "/people/\(id)"] {
            let page = bench.admin("GET", path).text
            #expect(page.lowercased().contains("user@bücher.example") && !page.contains("xn--"), "\(path)")
        }
        #expect(try bench.problems().isEmpty)
    }

    @Test("An import knows a person by the address in any form, and makes one account of two forms", arguments: forms)
    func imported(typed: String) throws {
        let bench = try IdentityFixture()
        let environment = bench.clock.environment
        let commands = bench.service.commands
        let found = try bench.database.write {
            try commands.registerMissing(
                [typed, "ann@bücher.example"], CommandContext($0, environment: environment, trace: "t", by: nil))
        }
        let again = try bench.database.write {
            try commands.registerMissing(
                AddressTests.forms + ["ANN@xn--bcher-kva.example"],
                CommandContext($0, environment: environment, trace: "t", by: nil))
        }
        for form in AddressTests.forms { #expect(again[form] == found[typed], "\(form)") }
        #expect(again["ANN@xn--bcher-kva.example"] == found["ann@bücher.example"])
        #expect(try bench.problems().isEmpty)
    }

    @Test(
        "What mail refuses is refused when the account is made or changed, with a sentence that says what to do",
        arguments: [
            ("-ann@a.example", "identity.email"), ("a..b@a.example", "identity.email"),
            (".a@a.example", "identity.email"), ("a.@a.example", "identity.email"), ("a@b..c", "identity.email"),
            ("a@-b.example", "identity.email"), ("a@10.0.0.1", "identity.email"), ("a,b@a.example", "identity.email"),
            ("a,\u{301}b@a.example", "identity.email"), ("a@b@c", "identity.email"), ("a@\u{301}b@c", "identity.email"),
            ("jürgen@a.example", "identity.email-local"), ("a\u{301}@a.example", "identity.email-local"),
        ])
    func refused(email: String, key: String) throws {
        let bench = try IdentityFixture()
        let made = bench.admin("POST", "/api/people", AddressTests.body("Ute", email))
        #expect(made.status == 422 && made.text.contains("/problems/\(key)\""))
        let id = try bench.person("Boris")
        let changed = bench.admin("PATCH", "/api/people/\(id)", #"{"email": "\#(email)"}"#)
        #expect(changed.status == 422 && changed.text.contains("/problems/\(key)\""))
        let environment = bench.clock.environment
        let commands = bench.service.commands
        // An import takes it for a name, and nothing that mail refuses for an address.
        _ = try bench.database.write {
            try commands.registerMissing([email], CommandContext($0, environment: environment, trace: "t", by: nil))
        }
        let people = try JSONDecoder().decode(
            People.self, from: Data(bench.admin("GET", "/api/people?limit=200").body))
        #expect(!people.items.contains { $0.email == email })
    }

    private struct People: Decodable {
        struct Item: Decodable { let email: String }
        let items: [Item]
    }

    @Test("A password that is one's own address in another form is refused")
    func ownAddress() throws {
        let bench = try IdentityFixture()
        for password in AddressTests.forms {
            let body =
                #"{"name": "Ute", "email": "user@bücher.example", "roles": [], "password": "\#(password)"}"#
            let made = bench.admin("POST", "/api/people", body)
            #expect(made.status == 422 && made.text.contains("identity.password-own"), "\(password)")
        }
    }

    @Test("People are found whatever the case, accents and normal form; a search without a word finds nobody")
    func search() throws {
        let bench = try IdentityFixture()
        for (index, name) in ["Émile Zölner", "Ёлка Займётся", "Straße%1", "O'Brien"].enumerated() {
            let made = bench.admin("POST", "/api/people", AddressTests.body(name, "\(index)@a.example"))
            #expect(made.status == 201)
        }
        func found(_ text: String) -> String {
            let query = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return bench.admin("GET", "/api/people?search=\(query)").text
        }
        for text in ["émile", "EMILE", "E\u{301}mi", "zolner emile", "Zo\u{308}l"] {
            #expect(found(text).contains("Émile"), "\(text)")
        }
        for text in ["ёлка", "Елка", "займе\u{308}тся", "ЗАЙМЁТСЯ"] {
            #expect(found(text).contains("Займётся"), "\(text)")
        }
        #expect(found("brien").contains("O'Brien") && found("o'b").contains("O'Brien"))
        for mark in ["", "\u{301}", "\u{338}", "\u{200C}", "\u{200D}", "\u{FE0F}"] {
            for delimiter in ["%", "_", "\"", "'", "*", ",", "!", "\\", "(", "-"] {
                for text in [delimiter + mark, mark + delimiter, "%" + mark + "_" + mark] {
                    #expect(!found(text).contains("example"), "\(text.debugDescription)")
                }
                #expect(found("emile" + delimiter + mark).contains("Émile"), "\((delimiter + mark).debugDescription)")
                #expect(found(mark + delimiter + "emile").contains("Émile"), "\((mark + delimiter).debugDescription)")
            }
        }
    }

    @Test("Who was kept before domains were kept as mail sends them still signs in, is found, and is one person")
    func upgrade() async throws {
        try await TestDatabase.onEach {
            let database = try TestDatabase.fresh("identity")
            let company = Company.test()
            let clock = SteppedClock()
            let environment = clock.environment
            let service = IdentityService(
                company: company, secret: IdentityFixture.secret, codes: .trial, settings: .quick)
            try database.migrate(
                Array(service.migrations.prefix(1)), kit: KitSchema.migrations(service.journal), now: clock.now)
            let people = [
                Person(
                    id: environment.newID(), name: "Ute Émile", email: "User@bücher.example", roles: [], active: true),
                Person(id: environment.newID(), name: "Jürgen", email: "jürgen@a.example", roles: [], active: true),
                // Two accounts of one address, as browsers could make them.
                Person(id: environment.newID(), name: "One", email: "two@bücher.example", roles: [], active: true),
                Person(
                    id: environment.newID(), name: "Two", email: "two@xn--bcher-kva.example", roles: [], active: true),
                Person(id: environment.newID(), name: "Nobody", email: "", roles: [], active: true),
            ]
            try await database.write { transaction in
                for person in people {
                    let key = person.email.isEmpty ? nil : person.email.lowercased()
                    try transaction.send(
                        """
                        INSERT INTO identity_person (id, name_key, email_key, external, created_at)
                        VALUES (\(person.id), \(person.name.lowercased()), \(key.stored), NULL, \(clock.now))
                        """)
                    try Directory.put(person, in: transaction)
                    try transaction.send("INSERT INTO identity_word (word, person) VALUES ('émile', \(person.id))")
                }
            }
            try database.migrate(for: service, now: clock.now)
            try service.prepare(database, environment)
            try service.prepare(database, environment)
            let keys = try await database.read { transaction in
                try transaction.fetch("SELECT email_key FROM identity_person WHERE email_key IS NOT NULL").map {
                    try $0(0, as: String.self)
                }.sorted()
            }
            #expect(
                keys == [
                    "jürgen@a.example", "two@bücher.example", "two@xn--bcher-kva.example", "user@xn--bcher-kva.example",
                ])
            let bench = try IdentityFixture(service, database, clock)
            let id = people[0].id
            for person in people[...1] {
                let set = bench.admin(
                    "PUT", "/api/people/\(person.id)/password", #"{"password": "a long password"}"#)
                #expect(set.status == 204)
            }
            for form in AddressTests.forms { #expect(bench.signIn(form, "a long password").status == 201, "\(form)") }
            #expect(bench.signIn("JÜRGEN@a.example", "a long password").status == 201)
            for text in ["emile", "%C3%A9mile", "user%40xn--bcher-kva.example", "bucher"] {
                #expect(bench.admin("GET", "/api/people?search=\(text)").text.contains("\(id)"), "\(text)")
            }
            // Saving the form of somebody whose address would be refused today changes the name alone.
            for person in people[...1] {
                let body = #"{"name": "\#(person.name) II", "email": "\#(person.email)"}"#
                #expect(bench.admin("PATCH", "/api/people/\(person.id)", body).status == 200)
            }
            #expect(try bench.events("person-changed").allSatisfy { !$0.contains("xn--") })
        }
    }
}
