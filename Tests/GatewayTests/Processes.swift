import Composition
import Directory
import Foundation
import HTTPDriver
import Identity
import TestKit
import Testing
import Values
import Web

extension TestExchange {
    /// A process that serves some of the exchange's services, as it stands behind a gateway: its own entrance, with no
    /// way to what others serve.
    ///
    /// - Parameter services: all where none are named.
    func process(_ services: String..., live: LiveSource = LiveSource(), port: Int = 0) async throws -> Running {
        let all = exchange.runners
        let own = services.isEmpty ? all : all.filter { services.contains($0.service) }
        let entrance = try Entrance(try #require(own.first), Array(own.dropFirst()))
        var options = HTTPServer.Options(
            listen: .port(host: "127.0.0.1", port: port), publicAddress: exchange.company.publicAddress)
        options.gatewayKey = GatewayFixture.key
        return try await Running { listening in
            var hooks = HTTPServer.Hooks()
            hooks.listening = listening
            hooks.live = { live.stream($0, $1) }
            return HTTPServer(
                entrance: entrance, options: options, hooks: hooks, metrics: MetricsRegistry(),
                environment: self.clock.environment, log: Running.log)
        }
    }

    /// A program's token for a person.
    func token(of person: ID) throws -> String {
        let answer = send("POST", "/api/people/\(person)/tokens", json: "{\"name\":\"tests\"}", as: admin)
        let token = try #require(try answer.json()["token"].text)
        try exchange.settle()
        return token
    }
}
