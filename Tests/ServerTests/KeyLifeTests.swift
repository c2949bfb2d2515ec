import Foundation
import TestKit
import TestTraits
import Testing
import Values

/// The real server by a clock that moves on by days: keys are made, sign, end and are dropped, and nobody notices.
@Suite(
    "X65: signing keys over their whole life", .tags(.servers), .ifChosen,
    .enabled(if: PopugProcess.binary != nil, "start it with make test"), .enabled(if: OtherClock.isAllowed),
    .serialized)
struct KeyLifeTests {
    /// What every service's own guard is asked by.
    private static let paths = [
        "/api/me", "/api/tasks", "/api/company-money", "/api/accounts/me/destination", "/api/analytics", "/api/mail",
    ]

    /// A token and the days on which it is good.
    private struct Given {
        let token: String
        let until: Int
    }

    @Test("For 430 days each token works in each service to its last day, also when the key that signed it ends")
    func wholeLife() async throws {
        let installation = try TestInstallation(employees: 1)
        let clock = try OtherClock(folder: installation.folder.path, passes: true)
        let server = try PopugProcess(data: installation.data, environment: clock.variables, through: ["env"])
        defer { server.kill() }
        // Made on the first day, for 90 days; and one for as long as there are any.
        var tokens = [Given(token: installation.admin, until: 90)]
        let year = try await APIClient(address: server.address, token: installation.admin).send(
            "POST", "/api/people/\(try await id(server, installation.admin))/tokens", json: #"{"name":"y","days":366}"#)
        tokens.append(Given(token: try #require(year.object["token"] as? String), until: 366))
        var keys: Set<String> = []
        var dropped = 0
        // Around each thing that ends or begins, and now and then between.
        for day in [1, 13, 15, 29, 30, 31, 59, 61, 89, 91, 150, 200, 300, 365, 367, 395, 396, 397, 398, 399, 428, 430] {
            try clock.jump("+\(day)d")
            let fresh = try await signIn(server)
            tokens.append(Given(token: fresh, until: day + 14))
            try await known(fresh, server, "a token of day \(day) is taken everywhere")
            for given in tokens {
                for path in KeyLifeTests.paths {
                    let status = try await status(given.token, path, server)
                    #expect(status == (day < given.until ? 200 : 401), "day \(day), until \(given.until), \(path)")
                }
            }
            let now = try await keyIDs(server)
            dropped += keys.subtracting(now).count
            keys = now
            #expect(keys.count <= 16)
        }
        // 430 days are 14 keys, of which the first lives for 30 days and 367 more.
        #expect(dropped > 0)
        #expect(server.stop() == 0)
        #expect(try installation.verify().clean)
    }

    private func status(_ token: String, _ path: String, _ server: PopugProcess) async throws -> Int {
        try await APIClient(address: server.address, token: token).send("GET", path).status
    }

    private func id(_ server: PopugProcess, _ token: String) async throws -> String {
        let me = try await APIClient(address: server.address, token: token).send("GET", "/api/me")
        return try #require(me.object["id"] as? String, "\(me.text)")
    }

    private func signIn(_ server: PopugProcess) async throws -> String {
        let answer = try await APIClient(address: server.address, token: "").send(
            "POST", "/api/sessions",
            json: "{\"email\":\"ada@example.com\",\"password\":\"\(TestInstallation.password)\"}")
        return try #require(answer.object["token"] as? String, "\(answer.text)")
    }

    /// A key that was made just now, for the clock was moved past its day, is on its way to the services.
    private func known(_ token: String, _ server: PopugProcess, _ what: String) async throws {
        for path in KeyLifeTests.paths {
            var last = 0
            for _ in 0..<1500 where last != 200 {
                last = try await status(token, path, server)
                if last != 200 { try await Task.sleep(for: .milliseconds(20)) }
            }
            try #require(last == 200, "\(what): \(path) \(last)")
        }
    }

    private func keyIDs(_ server: PopugProcess) async throws -> Set<String> {
        let answer = try await APIClient(address: server.address, token: "").send("GET", "/api/keys").object
        let keys = answer["keys"] as? [[String: Any]] ?? []
        return Set(keys.compactMap { $0["kid"] as? String })
    }
}
