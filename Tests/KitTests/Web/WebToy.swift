import Crypto
import Directory
import Foundation
import HTTPDriver
import Hosting
import Logging
import Messaging
import SQLiteDriver
import Schemas
import ServiceKit
import Storage
import TestKit
import Testing
import Values
import Web

/// A service with one endpoint of each kind, on SQLite in memory, and people of every role to call it.
struct WebToy {
    let clock = SteppedClock()
    let database: SQLiteDatabase
    let runner: EndpointRunner
    let entrance: Entrance
    let context: EndpointRunner.Context
    let key = P256.Signing.PrivateKey()
    let people: [String: Person]

    static let everyRole = ["admin", "manager", "accountant", "employee", "boss", "guest"]

    init(company: Company = .test()) throws {
        let database = try SQLiteDatabase.memory(name: "toy")
        try database.migrate(
            [
                Migration(
                    1, "toy",
                    ["CREATE TABLE note (position INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL) STRICT"])
            ], kit: KitSchema.migrations(Journal(topic: Trial.topic)), now: clock.now)
        self.database = database
        let environment = clock.environment
        var people: [String: Person] = [:]
        for role in WebToy.everyRole {
            people[role] = Person(
                id: environment.newID(), name: role.capitalized, email: "\(role)@example.com", roles: [role],
                active: true)
        }
        self.people = people
        let publicKey = [UInt8](key.publicKey.x963Representation)
        let until = clock.now.adding(seconds: 86_400)
        let all = Array(people.values)
        try database.write { transaction in
            try Directory.put(all, in: transaction)
            try Directory.putKeys([Directory.Key(id: "k1", publicKey: publicKey, until: until)], in: transaction)
        }
        let pages = try PageRenderer(sets: [WebToy.pages], navigation: [], company: company)
        context = EndpointRunner.Context(
            environment: environment, company: company, pages: pages, secret: [UInt8](repeating: 7, count: 32),
            log: Logger(label: "toy", factory: { _ in SwiftLogNoOpLogHandler() }))
        let services = [(name: "toy", scope: Scope.operations, endpoints: WebToy.endpoints)]
        runner = EndpointRunner(
            service: "toy", endpoints: WebToy.endpoints, database: database, context: context)
        let reference = EndpointRunner(
            service: "kit", endpoints: APIReference.endpoints(of: services, company: company, version: "1"),
            database: database, context: context)
        entrance = try Entrance(runner, [reference])
    }

    static let pages = PageSet(
        templates: [
            "toy/page": "<p id=\"csrf\">{{csrf}}</p><p id=\"name\">{{name}}</p>{{{part}}}{{{gone}}}",
            "toy/part": "<em>part for {{me.name}}</em>",
        ],
        texts: [.english: ["toy.title": "Toy"], .russian: ["toy.title": "Игрушка"]])

    struct Note: Shaped {
        let text: String
        let count: Int?
        let fee: Cents?

        static let shape = Shape("Note", Note.init) {
            Field("text", \.text, .text(1...20), "What")
            Field("count", \.count, .optional(.integer(1...9)), "How many")
            Field("fee", \.fee, "How much")
        }

        static let resource = shape.resource

        static func of(_ text: String) -> Note { Note(text: text, count: nil, fee: nil) }
    }

    static var endpoints: [Endpoint] {
        apiEndpoints + pageEndpoints
    }

    private static var apiEndpoints: [Endpoint] {
        let slow = Endpoint.command(
            .put, "/api/slow", "Hashes first", access: .staff, gives: Note.resource, idempotent: false
        ) { call, _ in Note.of(try call.found(String.self)) }
        .asking { call in "hashed for \(call.caller?.name ?? "nobody")" }
        return [
            .creation(
                "/api/notes", "Writes a note", access: .staff, takes: Note.self, gives: Note.resource
            ) { call, note, transaction in
                try transaction.send("INSERT INTO note (text) VALUES (\(note.text))")
                if note.text == "conflict" { throw Problem.conflict("web.value") }
                if note.text == "crash" { throw StorageError.failed("secret internals") }
                if note.text == "full" { throw StorageError.full("no room") }
                if note.text == "overflow" { throw AmountOutOfRange() }
                return Created(note, at: "/api/notes/1")
            },
            .list(
                "/api/notes", "Notes", access: .staff, query: [Parameter("day", .day, "Of a day")], of: Note.resource
            ) { call, transaction in
                let _: Int64? = try call.after()
                let rows = try transaction.fetch("SELECT text FROM note ORDER BY position LIMIT \(call.limit())")
                return ListPart(try rows.map { Note.of(try $0(0)) })
            },
            .command(
                .post, "/api/files", "Takes a file", access: .holding([Role.manager, "boss"]),
                gives: Note.resource.schema, idempotent: false, bodyLimit: 4 << 20
            ) { call, _ in .json(Note.of("\(call.body.count)"), as: Note.resource) },
            .read("/api/for/admin", "Admins", access: .holding([Role.admin]), gives: Note.resource) { call, _ in
                Note.of(try call.person().name)
            },
            .read("/api/for/staff", "Staff", access: .staff, gives: Note.resource) { call, _ in
                Note.of(try call.person().name)
            },
            .read("/api/for/anyone", "Anyone", access: .anyone, gives: Note.resource) { call, _ in
                Note.of(call.caller?.name ?? "nobody")
            },
            slow,
        ]
    }

    private static var pageEndpoints: [Endpoint] {
        [
            .page("/page", "A page", access: .anyone) { call, _ in
                .page(
                    "toy/page", title: "toy.title",
                    [
                        "name": .text(call.query("name") ?? ""), "part": Answer.include("/part"),
                        "gone": call.query("gone") == nil ? "" : Answer.include("/nowhere"),
                    ])
            },
            .page("/page/{id}", "One", access: .staff) { call, _ in
                .page("toy/page", title: "toy.title", ["name": .text(try call.id("id").description)])
            },
            .fragment("/part", "A part", access: .staff) { _, _ in .fragment("toy/part", .none) },
            .form("/page", "A form", access: .staff) { call, transaction in
                try transaction.send("INSERT INTO note (text) VALUES (\(call.field("text")))")
                if call.field("text") == "wrong" { throw Problem.invalid("text", "web.value") }
                return .redirect(to: "/page")
            },
            .form("/file", "A form with a file", access: .staff, idempotent: false, bodyLimit: 4 << 20) { _, _ in
                .redirect(to: "/page")
            },
            .form("/page/{id}/note", "A form of a page", access: .staff) { _, _ in .redirect(to: "/page") },
            .form("/sign-in", "Signs in", access: .anyone, idempotent: false) { call, _ in
                var answer = Answer.redirect(to: "/page")
                answer.cookies = [Cookie(name: EndpointRunner.sessionCookie, value: call.field("token"), maxAge: 60)]
                return answer
            },
        ]
    }

    // MARK: Calling

    func token(
        _ role: String, session: ID? = nil, key: P256.Signing.PrivateKey? = nil, keyID: String = "k1",
        issued: Int64 = 0, lives: Int64 = 3600
    ) throws -> String {
        let person = try #require(people[role])
        return try Token.sign(
            Token.Claims(
                person: person.id, session: session ?? clock.environment.newID(),
                issued: clock.now.adding(seconds: issued), expires: clock.now.adding(seconds: issued + lives)),
            keyID: keyID, privateKey: [UInt8]((key ?? self.key).rawRepresentation))
    }

    func get(_ target: String, as role: String? = nil) throws -> WebResponse {
        try entrance.runNow(
            WebRequest("GET", target, headers: .init(authorization: role.map { "Bearer \(try token($0))" })))
    }

    func post(
        _ json: String, key: String? = "key-1", as role: String = "employee", type: String = "application/json",
        to path: String = "/api/notes"
    ) throws -> WebResponse {
        try entrance.runNow(note(json, key: key, as: role, type: type, to: path))
    }

    func note(
        _ json: String, key: String? = "key-1", as role: String = "employee", type: String = "application/json",
        to path: String = "/api/notes"
    ) throws -> WebRequest {
        WebRequest(
            "POST", path,
            headers: .init(authorization: "Bearer \(try token(role))", contentType: type, idempotencyKey: key),
            body: Array(json.utf8))
    }

    func submit(
        _ path: String, _ fields: String, cookie: String, origin: String? = nil, site: String? = nil
    ) -> WebResponse {
        entrance.runNow(
            WebRequest(
                "POST", path,
                headers: .init(
                    cookie: cookie, contentType: "application/x-www-form-urlencoded", origin: origin, fetchSite: site,
                    host: "localhost:8080"),
                body: Array(fields.utf8)))
    }

    var notes: Int {
        get throws { try database.read { try $0.value("SELECT COUNT(*) FROM note") ?? 0 } }
    }
}

extension WebResponse {
    /// The `type` of a problem document, without `/problems/`.
    var problem: String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else { return "" }
        return (object["type"] as? String ?? "").replacing("/problems/", with: "")
    }

    /// The fields that a problem document complains of.
    var wrongFields: [String] {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let errors = object["errors"] as? [[String: Any]]
        else { return [] }
        return errors.compactMap { $0["field"] as? String }
    }
}
