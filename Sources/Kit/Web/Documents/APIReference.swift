import Foundation
import Schemas
import Values

/// The endpoints that belong to no service: the API's document and its reference page, and the readers' preferences.
package enum APIReference {
    /// - Parameter services: all services, with the scope that a token needs for changes there, and their endpoints.
    package static func endpoints(
        of services: [(name: String, scope: String, endpoints: [Endpoint])], company: Company, version: String
    ) -> [Endpoint] {
        let document = Array(OpenAPI.document(of: services, company: company, version: version).written.utf8)
        let pages = Dictionary(
            Language.allCases.map { ($0, model(of: services, $0)) }, uniquingKeysWith: { $1 })
        return [
            .read("/api/openapi.json", "The OpenAPI document", access: .anyone, gives: .string) { _, _ in
                Answer(status: 200, content: .bytes(document, type: "application/json"))
            },
            .page("/api", "The API reference", access: .anyone) { call, _ in
                .page("kit/api-reference", title: "web.api.title", pages[call.language] ?? .none)
            },
            Preferences.endpoint,
        ]
    }

    private static func model(of services: [(name: String, scope: String, endpoints: [Endpoint])], _ language: Language)
        -> Model
    {
        let groups = services.compactMap { service -> Model? in
            let endpoints = service.endpoints.filter { $0.kind == .api }
            guard !endpoints.isEmpty else { return nil }
            return [
                "name": .text(service.name), "count": .text(String(endpoints.count)),
                "endpoints": .list(endpoints.map { model(of: $0, service.scope, language) }),
            ]
        }
        return ["groups": .list(groups)]
    }

    private static func model(of endpoint: Endpoint, _ scope: String, _ language: Language) -> Model {
        let english = language == .english
        var tables: [Model] = []
        var parameters = endpoint.pathNames.map { row($0, $0 == "day" ? "date" : "uuid", "", required: true) }
        parameters += endpoint.query.map { row($0.name, type(of: $0.schema), $0.about, required: false) }
        if !parameters.isEmpty { tables.append(table(english ? "Parameters" : "Параметры", parameters)) }
        for (schema, title) in [
            (endpoint.takes, english ? "Takes" : "Принимает"), (endpoint.gives, english ? "Gives" : "Возвращает"),
        ] {
            guard let schema else { continue }
            let rows = rows(of: schema, prefix: "", depth: 0)
            if !rows.isEmpty { tables.append(table(title, rows)) }
        }
        return [
            "method": .text(endpoint.method.rawValue), "path": .text(endpoint.path), "summary": .text(endpoint.summary),
            "details": .text(endpoint.details), "access": .text(OpenAPI.access(endpoint, scope)),
            "anchor": .text(anchor(of: endpoint)),
            "takes": .text(endpoint.takes.map(type) ?? (endpoint.takesFile ? "file" : "")),
            "gives": .text(endpoint.gives.map(type) ?? ""), "key": .flag(endpoint.idempotent), "tables": .list(tables),
        ]
    }

    private static func anchor(of endpoint: Endpoint) -> String {
        "\(endpoint.method.rawValue)\(endpoint.path)".map { $0.isLetter ? String($0) : "-" }.joined()
    }

    private static func table(_ title: String, _ rows: [Model]) -> Model {
        ["title": .text(title), "rows": .list(rows)]
    }

    private static func row(_ name: String, _ type: String, _ about: String, required: Bool) -> Model {
        ["name": .text(name), "type": .text(type), "about": .text(about), "required": .flag(required)]
    }

    /// The fields of an object and of those within it, two deep: `items[].title`.
    static func rows(of schema: Schema, prefix: String, depth: Int) -> [Model] {
        switch schema {
        case .list(let item): return rows(of: item, prefix: prefix + "[]", depth: depth)
        case .optional(let inner): return rows(of: inner, prefix: prefix, depth: depth)
        case .object(_, let fields):
            guard depth < 3 else { return [] }
            return fields.flatMap { field -> [Model] in
                let name = prefix.isEmpty ? field.name : prefix + "." + field.name
                var required = true
                if case .optional = field.schema { required = false }
                return [row(name, type(of: field.schema), field.about, required: required)]
                    + rows(of: field.schema, prefix: name, depth: depth + 1)
            }
        default: return []
        }
    }

    private static func type(of schema: Schema) -> String {
        switch schema {
        case .string: "text"
        case .text(let range): "text \(range.lowerBound)…\(range.upperBound)"
        case .id: "uuid"
        case .instant: "date-time"
        case .day: "date"
        case .boolean: "boolean"
        case .number: "number"
        case .integer(let range):
            range.upperBound == .max
                ? "integer ≥ \(range.lowerBound)" : "integer \(range.lowerBound)…\(range.upperBound)"
        case .cents: "cents"
        case .choice(let values): values.joined(separator: " | ")
        case .open(let values): values.joined(separator: " | ") + " | …"
        case .list(let item): "[\(type(of: item))]"
        case .optional(let inner): type(of: inner) + "?"
        case .object(let name, _): name
        }
    }
}
