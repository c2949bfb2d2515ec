import Directory
import Schemas
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Where a request is read from, where there is a replica.
@Suite("Web: reading from a replica")
struct WebReplicaTests {
    /// A database that can be away.
    private final class Flaky: Database {
        let inner: any Database
        let isAway = Mutex(false)

        init(_ inner: any Database) { self.inner = inner }

        var name: String { inner.name }
        var dialect: Dialect { inner.dialect }
        var commits: Signal { inner.commits }

        func write<T: Sendable>(
            _ body: @escaping @Sendable (any Transaction) throws -> T,
            then done: @escaping @Sendable (Result<T, any Error>) -> Void
        ) {
            if isAway.withLock({ $0 }) { return done(.failure(StorageError.unavailable("away"))) }
            inner.write(body, then: done)
        }

        func read<T: Sendable>(
            _ body: @escaping @Sendable (any Transaction) throws -> T,
            then done: @escaping @Sendable (Result<T, any Error>) -> Void
        ) {
            if isAway.withLock({ $0 }) { return done(.failure(StorageError.unavailable("away"))) }
            inner.read(body, then: done)
        }

        func close() { inner.close() }
    }

    private let toy: WebToy
    private let primary: Flaky
    private let replica: Flaky
    private let entrance: Entrance

    init() throws {
        let (toy, copy) = (try WebToy(), try WebToy())
        self.toy = toy
        primary = Flaky(toy.database)
        replica = Flaky(copy.database)
        let keys = try toy.database.read { try Directory.keys(in: $0) }
        let people = Array(toy.people.values)
        try copy.database.write { transaction in
            try Directory.put(people, in: transaction)
            try Directory.putKeys(keys, in: transaction)
        }
        try toy.database.write { try $0.send("INSERT INTO note (text) VALUES ('new')") }
        let count: @Sendable (any Transaction) throws -> String = { transaction in
            let notes: Int = try transaction.value("SELECT COUNT(*) FROM note") ?? 0
            return "\(notes) notes"
        }
        entrance = try Entrance(
            EndpointRunner(
                service: "toy",
                endpoints: [
                    .page("/notes", "Notes", access: .anyone) { _, transaction in
                        .page("toy/page", title: "toy.title", ["name": .text(try count(transaction))])
                    },
                    .page("/all", "All notes", access: .holding([Role.admin])) { call, transaction in
                        let name = try call.person().name
                        return .page(
                            "toy/page", title: "toy.title", ["name": .text("\(name): \(try count(transaction))")])
                    },
                    .read("/api/notes", "Notes", access: .anyone, gives: .string) { _, transaction in
                        Answer(status: 200, content: .bytes(Array(try count(transaction).utf8), type: "text/plain"))
                    },
                    .command(.post, "/api/notes", "Add one", access: .anyone, idempotent: false) { _, transaction in
                        try transaction.send("INSERT INTO note (text) VALUES ('more')")
                        return .nothing
                    },
                ], database: primary, replica: replica, context: toy.context))
    }

    private func ask(_ method: String, _ path: String, cookie: String? = nil) async -> WebResponse {
        await entrance.run(WebRequest(method, path, headers: .init(cookie: cookie)))
    }

    @Test("Pages may be a moment old; who has just sent a form, and programs, see what is")
    func place() async {
        #expect(await ask("GET", "/notes").text.contains("0 notes"))
        #expect(await ask("GET", "/notes", cookie: "popug_fresh=1").text.contains("1 notes"))
        #expect(await ask("GET", "/api/notes").text.contains("1 notes"))
    }

    @Test("X7: what a page shows may be a moment old; who may see it may not")
    func standing() async throws {
        let admin = try #require(toy.people["admin"])
        let session = toy.clock.environment.newID()
        let cookie = "\(EndpointRunner.sessionCookie)=\(try toy.token("admin", session: session))"
        let renamed = Person(id: admin.id, name: "New Name", email: admin.email, roles: admin.roles, active: true)
        let withdrawn = Person(id: admin.id, name: "New Name", email: admin.email, roles: [Role.boss], active: true)
        #expect(await ask("GET", "/all", cookie: cookie).text.contains("\(admin.name): 0 notes"))
        try await toy.database.write { try Directory.put([renamed], in: $0) }
        #expect(await ask("GET", "/all", cookie: cookie).text.contains("New Name: 0 notes"))
        try await toy.database.write { try Directory.put([withdrawn], in: $0) }
        #expect(await ask("GET", "/all", cookie: cookie).status == 403)
        // Without the primary the replica's word counts, late as it may be.
        primary.isAway.withLock { $0 = true }
        #expect(await ask("GET", "/all", cookie: cookie).text.contains("\(admin.name): 0 notes"))
        primary.isAway.withLock { $0 = false }
        let until = toy.clock.now.adding(seconds: 3600)
        try await toy.database.write { transaction in
            try Directory.put([renamed], in: transaction)
            try Directory.revoke([(session, until)], in: transaction)
        }
        let refused = await ask("GET", "/all", cookie: cookie)
        #expect(refused.status == 303 && refused.header("location")?.begins(with: "/sign-in") == true)
        // For a page for anyone, such a caller is nobody in particular.
        #expect(await ask("GET", "/notes", cookie: cookie).text.contains("0 notes"))
    }

    @Test("X43: with the primary away reads go on, and commands are told to come again")
    func primaryAway() async {
        primary.isAway.withLock { $0 = true }
        #expect(await ask("GET", "/notes", cookie: "popug_fresh=1").text.contains("0 notes"))
        #expect(await ask("GET", "/api/notes").text.contains("0 notes"))
        let refused = await ask("POST", "/api/notes")
        #expect(refused.status == 503)
        #expect(refused.header("retry-after") != nil)
    }

    @Test("With the replica away pages are read from the primary")
    func replicaAway() async {
        replica.isAway.withLock { $0 = true }
        #expect(await ask("GET", "/notes").text.contains("1 notes"))
    }
}
