import Composition
import Foundation
import TestKit
import TestTraits
import Testing

/// The real program, as an admin runs it: two servers' worth of processes behind `popug gateway`.
@Suite(
    "The gateway's binary", .tags(.gateway), .ifChosen,
    .enabled(if: PopugProcess.binary != nil, "start it with make test"))
struct BinaryTests {
    @Test("Sign in by form through the gateway, create a task, see it live; the server dies and comes back")
    func whole() async throws {
        let installation = try TestInstallation(employees: 2)
        let server = try PopugProcess(data: installation.data)
        defer { server.kill() }
        let names = Services.names
        let gateway = try PopugProcess.gateway(
            names.map { "\($0)=\(server.address)" }.joined(separator: ";"), data: installation.data)
        defer { gateway.kill() }
        let port = try #require(gateway.address.split(separator: ":").last.flatMap { Int($0) })
        let client = try WebSocketClient(port: port)
        let page = try #require(await client.get("/sign-in"))
        let form = try #require(page.headers["set-cookie"]?.split(separator: ";").first)
        let csrf = try #require(page.body.firstMatch(of: /name="csrf" value="([^"]+)"/)?.1)
        let fields = "csrf=\(csrf)&email=ada@example.com&password=correct+horse+battery"
        let signedIn = try #require(
            await client.ask(
                "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Cookie: \(form)\r\nContent-Length: \(fields.utf8.count)\r\n\r\n\(fields)"))
        #expect(signedIn.status == 303)
        let cookie = "Cookie: \(try #require(signedIn.headers["set-cookie"]?.split(separator: ";").first))\r\n"

        let live = try WebSocketClient(port: port)
        await live.send("GET /live?topics=tracker,accounting HTTP/1.1\r\nHost: x\r\n\(cookie)\r\n")
        #expect(await live.wait(for: ": here"))
        let program = APIClient(address: gateway.address, token: installation.admin)
        let made = try await program.send("POST", "/api/tasks", json: "{\"title\":\"See it live\"}", key: "one")
        #expect(made.status == 201)
        #expect(await live.wait(for: "data: tracker"))
        #expect(await live.wait(for: "data: accounting"))
        #expect(try #require(await client.get("/tasks", cookie)).body.contains("See it live"))

        server.kill()
        let away = try #require(await client.get("/tasks", cookie))
        #expect(away.status == 503)
        #expect(away.headers["retry-after"] != nil)
        #expect(gateway.stop() == 0)
    }

    @Test("Without its settings it says which, and ends with 3")
    func unset() throws {
        let nothing = try PopugProcess.run(["gateway", "--data", "/nonexistent"])
        #expect(nothing.status == 3)
        #expect(nothing.errors.contains("upstreams"))
        let few = try PopugProcess.run(["gateway", "--upstreams", "identity=http://127.0.0.1:1"])
        #expect(few.status == 3)
        #expect(few.errors.contains("tracker"))
    }
}
