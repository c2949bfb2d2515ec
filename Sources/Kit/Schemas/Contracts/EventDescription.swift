/// A published event in one version, as described to the outside: in `contracts/`, and on the reference page.
package struct EventDescription: Sendable {
    package let topic: String
    /// `task-created`
    package let name: String
    package let version: Int
    /// What the event means, in one sentence.
    package let about: String
    package let fields: [Schema.Field]
    /// The field that holds the key: `task`, `person.id`.
    package let keyField: String
    /// An example with every field, as it is written.
    package let example: JSONText

    package init(
        topic: String, name: String, version: Int, about: String, fields: [Schema.Field], keyField: String,
        example: JSONText
    ) {
        self.topic = topic
        self.name = name
        self.version = version
        self.about = about
        self.fields = fields
        self.keyField = keyField
        self.example = example
    }

    /// `task-created.2`
    package var type: String { "\(name).\(version)" }

    /// Its JSON Schema (2020-12). Unknown fields are allowed, because fields may be added at any time.
    package var schema: JSONText {
        var members: [JSONText.Member] = [
            .init(name: "$schema", value: "https://json-schema.org/draft/2020-12/schema"),
            .init(name: "$id", value: .string("urn:popug:event:\(topic):\(name):\(version)")),
            .init(name: "title", value: .string("\(name), version \(version)")),
            .init(name: "description", value: .string(about)),
            .init(name: "x-topic", value: .string(topic)),
            .init(name: "x-key", value: .string(keyField)),
        ]
        if case .object(let own) = EventDescription.written(.object(name, fields)) { members += own }
        return .object(members + [.init(name: "examples", value: [example])])
    }

    private static func written(_ schema: Schema) -> JSONText {
        switch schema {
        case .string: ["type": "string"]
        case .text(let range):
            [
                "type": "string", "minLength": .number(String(range.lowerBound)),
                "maxLength": .number(String(range.upperBound)),
            ]
        case .id: ["type": "string", "format": "uuid"]
        case .instant: ["type": "string", "format": "date-time"]
        case .day: ["type": "string", "format": "date"]
        case .boolean: ["type": "boolean"]
        case .number: ["type": "number"]
        case .cents: ["type": "integer", "format": "int64"]
        case .integer(let range): integer(range)
        case .choice(let values): ["type": "string", "enum": .list(values.map { .string($0) })]
        case .open(let values): ["type": "string", "x-extensible-enum": .list(values.map { .string($0) })]
        case .list(let item): ["type": "array", "items": written(item)]
        // Never written as `null`, but left out.
        case .optional(let inner): written(inner)
        case .object(_, let fields):
            [
                "type": "object", "properties": .object(fields.map { .init(name: $0.name, value: described($0)) }),
                "required": .list(fields.filter { !$0.isOptional }.map { .string($0.name) }),
            ]
        }
    }

    private static func integer(_ range: ClosedRange<Int64>) -> JSONText {
        var members: [JSONText.Member] = [.init(name: "type", value: "integer")]
        if range.lowerBound != .min {
            members.append(.init(name: "minimum", value: .number(String(range.lowerBound))))
        }
        if range.upperBound != .max {
            members.append(.init(name: "maximum", value: .number(String(range.upperBound))))
        }
        return .object(members)
    }

    private static func described(_ field: Schema.Field) -> JSONText {
        guard case .object(var members) = written(field.schema) else { return written(field.schema) }
        if !field.about.isEmpty { members.append(.init(name: "description", value: .string(field.about))) }
        if field.isPersonal { members.append(.init(name: "x-personal", value: .boolean(true))) }
        return .object(members)
    }

    /// The paths of its personal fields in the data: `person.name`, `photos[].text`. Each is a text.
    package var personal: [String] { EventDescription.personal(in: .object(name, fields), at: "") }

    private static func personal(in schema: Schema, at path: String) -> [String] {
        switch schema {
        case .object(_, let fields):
            fields.flatMap { field -> [String] in
                let place = path.isEmpty ? field.name : "\(path).\(field.name)"
                return field.isPersonal ? [place] : personal(in: field.schema, at: place)
            }
        case .list(let item): personal(in: item, at: path + "[]")
        case .optional(let inner): personal(in: inner, at: path)
        default: []
        }
    }
}

extension Schema.Field {
    /// Whether it may be left out.
    package var isOptional: Bool {
        if case .optional = schema { true } else { false }
    }
}
