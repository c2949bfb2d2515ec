import Composition
import Directory
import Schemas
import TestKit
import TestTraits
import Testing
import Values
import Web

/// Every role on every endpoint: who may, may, and nobody else. Made from the declarations, so that a new endpoint is
/// in it at once.
@Suite("The matrix of rights", .onEachDatabase)
struct MatrixTests {
    /// An id that nothing has.
    static let nothing = "0190a000-0000-7000-8000-000000000001"
    /// Nobody corrects their own account.
    static let refusesOneself = ["/api/accounts/{person}/corrections"]
    static let roles = ["admin", "manager", "accountant", "employee", "boss", "visitor"]

    @Test("X2, X7: each endpoint lets in exactly those whom it declares", arguments: roles + ["nobody", "deactivated"])
    func matrix(role: String) throws {
        let test = try TestExchange()
        let person: ID? = try role == "nobody" ? nil : test.person("Some One", role == "deactivated" ? "admin" : role)
        if role == "deactivated", let person {
            _ = test.send("PATCH", "/api/people/\(person)", json: "{\"active\":false}", as: test.admin)
            try test.exchange.settle()
        }
        for runner in test.exchange.runners {
            for endpoint in runner.endpoints where endpoint.kind != .form {
                // Whose it is: the caller's own, so that who may is not refused as somebody else.
                let path = endpoint.path.split(separator: "/").map { part in
                    guard part.hasPrefix("{") else { return String(part) }
                    return part == "{person}" ? person?.description ?? MatrixTests.nothing : MatrixTests.nothing
                }.joined(separator: "/")
                let answer = test.send(
                    endpoint.method.rawValue, "/" + path, json: endpoint.takes.map(MatrixTests.sample), as: person)
                let place = "\(role): \(endpoint.method.rawValue) \(endpoint.path) answered \(answer.status)"
                #expect(answer.status < 500, "\(place)")
                if endpoint.access == .inside {
                    #expect(answer.status == 404, "\(place)")
                } else if MatrixTests.may(role, endpoint.access) {
                    #expect(answer.status != 401 || endpoint.access == .anyone, "\(place)")
                    #expect(answer.status != 403 || MatrixTests.refusesOneself.contains(endpoint.path), "\(place)")
                } else if person == nil || role == "deactivated" {
                    #expect([401, 403, 303].contains(answer.status), "\(place)")
                } else {
                    #expect(answer.status == 403, "\(place)")
                }
            }
        }
    }

    /// A body that a schema allows, so that a refusal is about the person and not about the body.
    static func sample(_ schema: Schema) -> String {
        switch schema {
        case .string: "\"x\""
        case .text(let length): "\"\(String(repeating: "x", count: max(1, length.lowerBound)))\""
        case .id: "\"0190a000-0000-7000-8000-000000000001\""
        case .instant: "\"2026-01-01T00:00:00Z\""
        case .day: "\"2026-01-01\""
        case .boolean: "true"
        case .number, .cents: "1"
        case .integer(let range): String(range.lowerBound)
        case .choice(let values), .open(let values): "\"\(values.first ?? "")\""
        case .list(let item): "[\(sample(item))]"
        case .optional: "null"
        case .object(_, let fields):
            "{"
                + fields.compactMap { field in
                    if case .optional = field.schema { return nil }
                    return "\"\(field.name)\":\(sample(field.schema))"
                }.joined(separator: ",") + "}"
        }
    }

    static func may(_ role: String, _ access: Endpoint.Access) -> Bool {
        switch access {
        case .anyone: true
        case .staff: Role.staff.contains(role)
        case .inside: false
        case .holding(let roles): roles.contains(role)
        }
    }

    static let rights: [(path: String, roles: Set<String>)] = [
        ("/reassign", [Role.manager, Role.admin]), ("/money", [Role.accountant, Role.admin]),
        ("/accounts", [Role.accountant, Role.admin]), ("/people", [Role.admin]), ("/operations", [Role.admin]),
        ("/import", [Role.admin]), ("/analytics", [Role.admin]), ("/letters", [Role.admin]),
        ("/letters/hold", [Role.accountant, Role.admin]),
    ]

    @Test("The table of rights under X7 is what the pages declare", arguments: rights)
    func table(path: String, roles: Set<String>) throws {
        let test = try TestExchange()
        let pages = test.exchange.runners.flatMap(\.endpoints).filter { $0.path == path && $0.method == .get }
        #expect(pages.count == 1)
        #expect(pages.first?.access == .holding(roles))
    }
}
