import Schemas
import Values

/// The OpenAPI 3.1 document of all services, made from their endpoints' declarations. So it describes exactly what is
/// checked.
package struct OpenAPI {
    private var components: [(name: String, schema: Schema, written: JSONText)] = []

    /// - Parameter services: each service with the scope that a token needs for changes there, and its endpoints.
    ///   Endpoints of other kinds than `.api` are left out.
    package static func document(
        of services: [(name: String, scope: String, endpoints: [Endpoint])], company: Company, version: String
    ) -> JSONText {
        var document = OpenAPI()
        var paths: [(path: String, operations: [JSONText.Member])] = []
        for service in services {
            for endpoint in service.endpoints where endpoint.kind == .api {
                let operation = JSONText.Member(
                    name: endpoint.method.rawValue.lowercased(),
                    value: document.operation(endpoint, service.name, service.scope))
                if let index = paths.firstIndex(where: { $0.path == endpoint.path }) {
                    paths[index].operations.append(operation)
                } else {
                    paths.append((endpoint.path, [operation]))
                }
            }
        }
        let sessionCookie = EndpointRunner.cookiePrefix(company) + EndpointRunner.sessionCookie
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Popug", "version": .string(version),
                "description": .string(
                    "The task exchange of \(company.name). Sums are whole cents of \(company.currency)."),
            ],
            "servers": [["url": .string(company.publicAddress)]],
            "tags": .list(
                services.filter { $0.endpoints.contains { $0.kind == .api } }.map { ["name": .string($0.name)] }),
            "paths": .object(paths.map { .init(name: $0.path, value: .object($0.operations)) }),
            "components": [
                "schemas": .object(
                    [.init(name: "Problem", value: problem)]
                        + document.components.map { .init(name: $0.name, value: $0.written) }),
                "responses": ["Problem": problemResponse],
                "securitySchemes": [
                    "cookie": ["type": "apiKey", "in": "cookie", "name": .string(sessionCookie)],
                    "bearer": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"],
                ],
            ],
        ]
    }

    // MARK: Operations

    private mutating func operation(_ endpoint: Endpoint, _ service: String, _ scope: String) -> JSONText {
        var members: [JSONText.Member] = [
            .init(name: "operationId", value: .string(OpenAPI.operationID(endpoint))),
            .init(name: "tags", value: [.string(service)]),
            .init(name: "summary", value: .string(endpoint.summary)),
        ]
        let details = [endpoint.details, OpenAPI.access(endpoint, scope)].filter { !$0.isEmpty }
        members.append(.init(name: "description", value: .string(details.joined(separator: "\n\n"))))
        let parameters = parameters(of: endpoint)
        if !parameters.isEmpty { members.append(.init(name: "parameters", value: .list(parameters))) }
        if let takes = endpoint.takes {
            var required = true
            if case .optional = takes { required = false }
            members.append(
                .init(
                    name: "requestBody",
                    value: [
                        "required": .boolean(required),
                        "content": ["application/json": ["schema": written(takes.unwrapped)]],
                    ]))
        } else if endpoint.takesFile {
            members.append(
                .init(
                    name: "requestBody",
                    value: ["required": true, "content": ["application/octet-stream": [:]]]))
        }
        members.append(.init(name: "responses", value: responses(of: endpoint)))
        members.append(
            .init(
                name: "security",
                value: endpoint.access == .anyone ? [] : [["cookie": []], ["bearer": []]]))
        return .object(members)
    }

    private mutating func parameters(of endpoint: Endpoint) -> [JSONText] {
        var parameters: [JSONText] = endpoint.pathNames.map { name in
            [
                "name": .string(name), "in": "path", "required": true,
                "schema": written(name == "day" ? .day : .id),
            ]
        }
        for parameter in endpoint.query {
            parameters.append([
                "name": .string(parameter.name), "in": "query", "required": false,
                "description": .string(parameter.about), "schema": written(parameter.schema.unwrapped),
            ])
        }
        if endpoint.idempotent {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": true,
                "description":
                    "Unique for each new request, the same when a request is repeated; kept for seven days.",
                "schema": ["type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]{1,100}$"],
            ])
        }
        return parameters
    }

    private mutating func responses(of endpoint: Endpoint) -> JSONText {
        var success: [JSONText.Member] = [.init(name: "description", value: "Done")]
        if let gives = endpoint.gives {
            // A plain text is a file to download.
            let type = gives == .string ? "text/csv" : "application/json"
            success.append(
                .init(name: "content", value: .object([.init(name: type, value: ["schema": written(gives)])])))
        }
        return [
            "2XX": .object(success),
            "4XX": ["$ref": "#/components/responses/Problem"],
            "5XX": ["$ref": "#/components/responses/Problem"],
        ]
    }

    private static func operationID(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.split { $0 == "/" || $0 == "{" || $0 == "}" || $0 == "-" }.dropFirst()
        return ([endpoint.method.rawValue.lowercased()] + words.map(String.init)).joined(separator: "_")
    }

    /// Who may call it, in words.
    static func access(_ endpoint: Endpoint, _ scope: String) -> String {
        var text =
            switch endpoint.access {
            case .anyone: "For anyone."
            case .staff: "For everyone on the staff."
            case .inside: ""
            case .holding(let roles): "For: \(roles.sorted().joined(separator: ", "))."
            }
        guard endpoint.access != .anyone else { return text }
        if endpoint.proof != .none { text += " Only within ten minutes after signing in." }
        if endpoint.proof == .personal {
            text += " Not for a program's token."
        } else if endpoint.proof == .wayIn {
            text += " A program's token needs every scope."
        } else if !endpoint.reads {
            text += " A program's token needs the scope `\(scope)`."
        }
        return text
    }

    // MARK: Schemas

    private mutating func written(_ schema: Schema) -> JSONText {
        switch schema {
        case .string: ["type": "string", "pattern": "^[^\\u0000]*$"]
        case .text(let range):
            [
                "type": "string", "minLength": .number(String(range.lowerBound)),
                "maxLength": .number(String(range.upperBound)), "pattern": "^[^\\u0000]*$",
            ]
        case .id: ["type": "string", "format": "uuid"]
        case .instant: ["type": "string", "format": "date-time"]
        case .day: ["type": "string", "format": "date"]
        case .boolean: ["type": "boolean"]
        case .number: ["type": "number"]
        case .integer(let range):
            [
                "type": "integer", "minimum": .number(String(range.lowerBound)),
                "maximum": .number(String(range.upperBound)),
            ]
        case .cents:
            [
                "type": "integer", "format": "int64", "minimum": .number(String(Int64.min)),
                "maximum": .number(String(Int64.max)), "description": "Whole cents",
            ]
        case .choice(let values): ["type": "string", "enum": .list(values.map { .string($0) })]
        case .open(let values):
            ["type": "string", "pattern": "^[^\\u0000]*$", "x-extensible-enum": .list(values.map { .string($0) })]
        case .list(let item): ["type": "array", "items": written(item)]
        case .optional(let inner): ["anyOf": [written(inner), ["type": "null"]]]
        case .object(let name, let fields): reference(name, fields, schema)
        }
    }

    /// Objects are listed once each among the components. A different object with the same name gets a number.
    private mutating func reference(_ name: String, _ fields: [Schema.Field], _ schema: Schema) -> JSONText {
        if let known = components.first(where: { $0.schema == schema }) {
            return ["$ref": .string("#/components/schemas/\(known.name)")]
        }
        var unique = name
        var number = 2
        while unique == "Problem" || components.contains(where: { $0.name == unique }) {
            unique = "\(name)\(number)"
            number += 1
        }
        let place = components.count
        components.append((unique, schema, .null))
        var properties: [JSONText.Member] = []
        var required: [JSONText] = []
        for field in fields {
            var value = written(field.schema)
            if case .object(let members) = value, !field.about.isEmpty {
                value = .object(
                    members.filter { $0.name != "description" }
                        + [.init(name: "description", value: .string(field.about))])
            }
            properties.append(.init(name: field.name, value: value))
            if case .optional = field.schema { continue }
            required.append(.string(field.name))
        }
        components[place].written = [
            "type": "object", "properties": .object(properties), "required": .list(required),
            "additionalProperties": false,
        ]
        return ["$ref": .string("#/components/schemas/\(unique)")]
    }

    private static let problem: JSONText = [
        "type": "object",
        "description": "What is wrong and what to do about it (RFC 9457).",
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string"], "instance": ["type": "string"], "field": ["type": "string"],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object",
                    "properties": [
                        "field": ["type": "string"], "type": ["type": "string"], "detail": ["type": "string"],
                    ],
                    "required": ["field", "type", "detail"],
                ],
            ],
        ],
        "required": ["type", "title", "status", "instance"],
    ]

    private static let problemResponse: JSONText = [
        "description": "A problem",
        "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
    ]
}

extension Schema {
    /// The schema without `optional`.
    var unwrapped: Schema {
        if case .optional(let inner) = self { inner } else { self }
    }
}

extension Endpoint {
    /// The names in the braces of its path, in order.
    var pathNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// Whether its body is a file that is passed on unchanged: a command without a schema whose limit is larger than a
    /// form's.
    var takesFile: Bool {
        kind == .api && takes == nil && !reads && bodyLimit > 64 * 1024
    }
}
