import Composition
import Schemas
import TestKit
import Testing
import Web

/// What an idempotent endpoint takes is hashed quickly, and the hash is kept for days. So nothing secret is among it.
@Suite("Secret fields of repeatable requests")
struct SecretFieldTests {
    private static let secret: Set<String> = ["password", "present", "new", "secret", "number"]

    private let endpoints: [Endpoint]

    init() throws {
        endpoints = try TestExchange().exchange.runners.flatMap(\.endpoints)
    }

    /// The names in a body that are not left out of the hash.
    private static func hashed(_ schema: Schema, without secrets: Set<String>) -> Set<String> {
        switch schema {
        case .list(let item): hashed(item, without: [])
        case .optional(let inner): hashed(inner, without: secrets)
        case .object(_, let fields):
            // Only members of the body itself are left out.
            fields.filter { !secrets.contains($0.name) }.reduce(into: []) {
                $0.formUnion(hashed($1.schema, without: []).union([$1.name]))
            }
        default: []
        }
    }

    @Test("No body has a secret that is hashed")
    func bodies() {
        let bodies = endpoints.filter { $0.idempotent && $0.takes != nil }
        #expect(bodies.count > 5)
        for endpoint in bodies {
            let names = endpoint.takes.map { SecretFieldTests.hashed($0, without: endpoint.secrets) } ?? []
            #expect(names.isDisjoint(with: SecretFieldTests.secret), "\(endpoint.method.rawValue) \(endpoint.path)")
        }
    }

    @Test("No form has a secret that is hashed")
    func forms() throws {
        var routes = RouteTable<Endpoint>()
        for endpoint in endpoints { try routes.add(endpoint.method.rawValue, endpoint.path, endpoint) }
        var withSecrets: Set<String> = []
        for file in Repository.files(below: "Sources", ".mustache") {
            let forms = try Repository.text(file).matches(of: /(?s)<form\b([^>]*)>(.*?)<\/form>/)
            for form in forms {
                let inputs = form.output.2.matches(of: /<input\b[^>]*>/).map { String($0.output) }
                let secret = inputs.filter { input in
                    input.contains(#"type="password""#)
                        || SecretFieldTests.secret.contains { input.contains(#"name="\#($0)""#) }
                }.compactMap { $0.firstMatch(of: /name="([^"]*)"/).map { String($0.output.1) } }
                guard !secret.isEmpty else { continue }
                let action = try #require(form.output.1.firstMatch(of: /action="([^"]*)"/)?.output.1, "\(file)")
                let path = String(action.replacing(/\{\{[^}]*\}\}/, with: "x"))
                guard case .found(let endpoint, _) = routes.match("POST", path) else {
                    Issue.record("\(file): nothing takes \(action)")
                    continue
                }
                withSecrets.insert(endpoint.path)
                let isHashed = endpoint.idempotent && !endpoint.secrets.isSuperset(of: secret)
                #expect(!isHashed, "\(file): \(secret) of \(endpoint.path)")
            }
        }
        #expect(
            withSecrets == [
                "/sign-in", "/confirm", "/welcome/{link}", "/me/password", "/people", "/people/{person}/password",
                "/payouts/destination",
            ])
    }
}
