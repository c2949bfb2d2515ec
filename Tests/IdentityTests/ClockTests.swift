import Directory
import Hosting
import Identity
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("X65: Identity and a wrong clock", .onEachDatabase)
struct ClockTests {
    private static let day: Int64 = 86_400
    private static let tenYears = 3653 * day

    /// Everything that the service does by itself, the kit's housekeeping with it.
    private func rest(_ bench: IdentityFixture, _ environment: Environment? = nil) throws {
        let host = ServiceHost(
            bench.service, database: bench.database, log: MemoryEventLog(),
            environment: environment ?? bench.clock.environment)
        try host.prepare()
        for _ in 0..<100 where try host.step() {}
    }

    /// As after a start: the process knows the clock since now.
    private func restarted(_ clock: SteppedClock) -> Environment {
        let environment = clock.environment
        return Environment(
            now: environment.now, uptime: environment.uptime, random: environment.random, newID: environment.newID)
    }

    private func status(_ bench: IdentityFixture, _ token: String) -> Int {
        bench.ask("GET", "/api/me", token: token).status
    }

    @Test(
        "Ten years ahead for four seconds, then right again: what was ended stays ended, and nothing else is lost",
        arguments: [true, false])
    func ahead(restarts: Bool) throws {
        let bench = try IdentityFixture()
        bench.clock.advance(seconds: 2 * 3600)
        let (ended, kept) = (try bench.token(), try bench.token())
        let made = bench.admin(
            "POST", "/api/people/\(bench.admin.id)/tokens", #"{"name": "robot", "days": 366}"#)
        let program = try bench.field("token", made)
        let link = try bench.field(
            "path", bench.admin("POST", "/api/people/\(try bench.person("Boris"))/welcome-links"))
        #expect(bench.ask("DELETE", "/api/sessions/\(try session(of: ended))", token: ended).status == 204)
        try rest(bench)
        let right = bench.clock.now

        bench.clock.set(right.adding(seconds: ClockTests.tenYears))
        let environment = restarts ? restarted(bench.clock) : bench.clock.environment
        try rest(bench, environment)
        let future = try bench.token()
        bench.clock.advance(seconds: 4)
        try rest(bench, environment)

        bench.clock.set(right.adding(seconds: 4))
        try rest(bench, restarts ? restarted(bench.clock) : bench.clock.environment)
        #expect(status(bench, ended) == 401)
        #expect([kept, program].map { status(bench, $0) } == [200, 200])
        #expect(status(bench, future) == 401)
        #expect(bench.ask("GET", link).status == 200)
        #expect(status(bench, try bench.token()) == 200)
        #expect(try bench.problems().isEmpty)
        // Keys go on being made as if nothing had happened.
        for _ in 0..<60 {
            bench.clock.advance(seconds: ClockTests.day)
            try rest(bench)
            #expect(status(bench, try bench.token()) == 200)
        }
        #expect(status(bench, program) == 200 && status(bench, ended) == 401)
        let signing: Int? = try bench.database.read { [now = bench.clock.now] in
            try $0.value(
                """
                SELECT COUNT(*) FROM identity_key WHERE sealed IS NOT NULL
                AND signs_from <= \(now.adding(seconds: 40 * ClockTests.day))
                """)
        }
        #expect((1...2).contains(signing ?? 0))
    }

    @Test("Thirty years behind for a while, then right again: nothing is lost")
    func behind() throws {
        let bench = try IdentityFixture()
        bench.clock.advance(seconds: 2 * 3600)
        let (ended, kept) = (try bench.token(), try bench.token())
        #expect(bench.ask("DELETE", "/api/sessions/\(try session(of: ended))", token: ended).status == 204)
        let right = bench.clock.now
        bench.clock.set(right.adding(seconds: -3 * ClockTests.tenYears))
        try rest(bench)
        bench.clock.advance(seconds: 2 * 3600)
        try rest(bench)
        bench.clock.set(right.adding(seconds: 2 * 3600))
        try rest(bench)
        #expect(status(bench, ended) == 401 && status(bench, kept) == 200)
        #expect(status(bench, try bench.token()) == 200)
        bench.clock.advance(seconds: 2 * ClockTests.day)
        try rest(bench)
        #expect(status(bench, ended) == 401 && status(bench, kept) == 200)
    }

    @Test("X64: whoever typed wrong passwords while the clock was ahead waits no longer than the longest delay")
    func waits() throws {
        let bench = try IdentityFixture()
        let right = bench.clock.now
        bench.clock.set(right.adding(seconds: 28 * ClockTests.day))
        let statuses = (1...8).map { _ in bench.signIn("anna@popug.test", "guess guess").status }
        #expect(statuses.last == 429)
        bench.clock.set(right.adding(seconds: 901))
        #expect(bench.signIn().status == 201)
    }

    @Test("What is over is forgotten in its time, by a clock that goes right")
    func forgets() throws {
        let bench = try IdentityFixture()
        let token = try bench.token()
        #expect(bench.ask("DELETE", "/api/sessions/\(try session(of: token))", token: token).status == 204)
        func revoked() throws -> Int? {
            try bench.database.read { try $0.value("SELECT COUNT(*) FROM directory_revoked") }
        }
        #expect(try revoked() == 1)
        bench.clock.advance(seconds: 13 * ClockTests.day)
        try rest(bench)
        #expect(try revoked() == 1)
        bench.clock.advance(seconds: 2 * ClockTests.day)
        try rest(bench, restarted(bench.clock))
        #expect(try revoked() == 1)
        try rest(bench)
        #expect(try revoked() == 0)
    }

    @Test("The end of an old key ends no token of a later one, while nobody signs in and no job runs")
    func keyEnds() throws {
        let bench = try IdentityFixture()
        // The first key's last token ends 397 days after its beginning.
        for _ in 0..<395 {
            bench.clock.advance(seconds: ClockTests.day)
            try bench.runJobs()
        }
        let token = try bench.token()
        #expect(status(bench, token) == 200)
        for _ in 0..<13 {
            bench.clock.advance(seconds: ClockTests.day)
            // Not stale, so that what was verified before is looked at.
            #expect(status(bench, token) == 200)
            #expect(status(bench, token) == 200)
        }
        bench.clock.advance(seconds: ClockTests.day)
        #expect(status(bench, token) == 401)
    }

    private func session(of token: String) throws -> ID {
        let parts = token.split(separator: ".")
        let payload = try #require(Base64URL.decode(parts[1]))
        let text = String(decoding: payload, as: UTF8.self)
        let start = try #require(text.firstRange(of: "\"sid\":\"")).upperBound
        return try #require(ID(String(text[start...].prefix(36))))
    }
}
