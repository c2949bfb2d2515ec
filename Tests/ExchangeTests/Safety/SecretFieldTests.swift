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

    /// A template, with the parts of its own folder that it includes.
    private static func template(_ file: String) throws -> String {
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        return try Repository.text(file).replacing(/\{\{> ?[a-z]+\/([a-z-]+)\}\}/) { part in
            (try? Repository.text("\(folder)/\(part.output.1).mustache")) ?? ""
        }
    }

    /// The paths that a form may be sent to: its own, and those of its buttons.
    private static func targets(of form: String) -> [String] {
        form.matches(of: /action="([^"]*)"/).flatMap { action in
            // Tags of sections stand around paths; other tags stand for parts of them.
            action.output.1.replacing(/\{\{[#^\/][^}]*\}\}/, with: " ").replacing(/\{\{[^}]*\}\}/, with: "x")
                .split(separator: " ").map(String.init)
        }
    }

    /// The names of the secret fields of a form.
    private static func secretFields(of form: String) -> [String] {
        form.matches(of: /<input\b[^>]*>/).map { String($0.output) }.filter { input in
            input.contains(#"type="password""#) || secret.contains { input.contains(#"name="\#($0)""#) }
        }.compactMap { $0.firstMatch(of: /name="([^"]*)"/).map { String($0.output.1) } }
    }

    @Test("No form has a secret that is hashed")
    func forms() throws {
        var routes = RouteTable<Endpoint>()
        for endpoint in endpoints { try routes.add(endpoint.method.rawValue, endpoint.path, endpoint) }
        var withSecrets: Set<String> = []
        for file in Repository.files(below: "Sources", ".mustache") {
            for match in try SecretFieldTests.template(file).matches(of: /(?s)<form\b.*?<\/form>/) {
                let form = String(match.output)
                let fields = SecretFieldTests.secretFields(of: form)
                guard !fields.isEmpty else { continue }
                for path in SecretFieldTests.targets(of: form) {
                    guard case .found(let endpoint, _) = routes.match("POST", path) else {
                        Issue.record("\(file): nothing takes \(path)")
                        continue
                    }
                    withSecrets.insert(endpoint.path)
                    let isHashed = endpoint.idempotent && !endpoint.secrets.isSuperset(of: fields)
                    #expect(!isHashed, "\(file): \(fields) of \(endpoint.path)")
                }
            }
        }
        #expect(
            withSecrets == [
                "/sign-in", "/sign-in/link", "/confirm", "/welcome/{link}", "/me/password", "/people",
                "/people/{person}/password", "/payouts/destination",
            ])
    }
}
