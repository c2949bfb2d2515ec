import Values

/// What is wrong with a value, or with one of its fields.
package struct SchemaFault: Sendable, Hashable {
    /// Which field: `items[2].title`; empty for the value itself.
    package let place: String
    /// A key of the kit's texts: `web.missing`.
    package let key: String
    /// Values for the text's `{{name}}` places.
    package let values: [String: String]
}

extension Schema {
    /// What is wrong with a value; empty if it fits. At most fifty faults are told.
    package func faults(in value: JSONText) -> [SchemaFault] {
        var found: [SchemaFault] = []
        check(value, at: "", &found)
        return found
    }

    private func check(_ value: JSONText, at place: String, _ found: inout [SchemaFault]) {
        func wrong(_ key: String, _ values: [String: String] = [:]) {
            if found.count < 50 { found.append(SchemaFault(place: place, key: key, values: values)) }
        }
        switch (self, value) {
        case (.optional, .null): break
        case (.optional(let schema), _): schema.check(value, at: place, &found)
        case (.object(_, let fields), .object(let members)):
            Schema.check(members, against: fields, at: place, &found)
        case (.list(let schema), .list(let items)):
            for (index, item) in items.enumerated() { schema.check(item, at: "\(place)[\(index)]", &found) }
        case (.boolean, .boolean): break
        case (.number, .number(let text)):
            if Double(text)?.isFinite != true { wrong("web.type.number") }
        case (.integer(let range), .number(let text)):
            guard let number = Schema.integer(text) else { return wrong("web.type.integer") }
            if !range.contains(number) {
                wrong("web.range", ["from": String(range.lowerBound), "to": String(range.upperBound)])
            }
        case (.cents, .number(let text)):
            if Schema.integer(text) == nil { wrong("web.type.cents") }
        case (_, .string(let text)):
            if let (key, values) = complaint(about: text) { wrong(key, values) }
        default: wrong("web.type.\(typeName)")
        }
    }

    private static func check(
        _ members: [JSONText.Member], against fields: [Field], at place: String, _ found: inout [SchemaFault]
    ) {
        let prefix = place.isEmpty ? "" : place + "."
        func wrong(_ name: String, _ key: String) {
            found.append(SchemaFault(place: prefix + name, key: key, values: [:]))
        }
        for member in members where !fields.contains(where: { $0.name == member.name }) && found.count < 50 {
            wrong(member.name.beginning(100), "web.unknown-field")
        }
        for field in fields {
            if let member = members.first(where: { $0.name == field.name }) {
                field.schema.check(member.value, at: prefix + field.name, &found)
            } else if case .optional = field.schema {
                continue
            } else {
                wrong(field.name, "web.missing")
            }
        }
    }

    /// What is wrong with a text, if this schema expects one: the text's key and its values.
    private func complaint(about text: String) -> (key: String, values: [String: String])? {
        // NUL can't be stored in every database, and is never intended.
        if text.utf8.contains(0) { return ("web.type.text", [:]) }
        switch self {
        case .string, .open: return nil
        case .text(let range):
            let count = text.unicodeScalars.count
            return range.contains(count)
                ? nil : ("web.length", ["from": String(range.lowerBound), "to": String(range.upperBound)])
        case .id: return ID(text) == nil ? ("web.type.id", [:]) : nil
        case .instant: return Instant(text) == nil ? ("web.type.instant", [:]) : nil
        case .day: return Day(text) == nil ? ("web.type.day", [:]) : nil
        case .choice(let values):
            return values.contains(text) ? nil : ("web.choice", ["choices": values.joined(separator: ", ")])
        case .optional(let schema): return schema.complaint(about: text)
        case .boolean, .number, .integer, .cents, .list, .object: return ("web.type.\(typeName)", [:])
        }
    }

    /// What is wrong with a parameter in an address, where numbers and booleans are written as text too: the text's
    /// key and its values.
    package func complaint(aboutParameter text: String) -> (key: String, values: [String: String])? {
        switch self {
        case .optional(let schema): return schema.complaint(aboutParameter: text)
        case .boolean: return text == "true" || text == "false" ? nil : ("web.type.boolean", [:])
        case .number: return Double(text)?.isFinite == true ? nil : ("web.type.number", [:])
        case .cents: return Int64(text) == nil ? ("web.type.cents", [:]) : nil
        case .integer(let range):
            guard let number = Int64(text) else { return ("web.type.integer", [:]) }
            return range.contains(number)
                ? nil : ("web.range", ["from": String(range.lowerBound), "to": String(range.upperBound)])
        default: return complaint(about: text)
        }
    }

    /// A whole number, written as such or as `1.0` or `1e3`, as JSON Schema allows.
    static func integer(_ text: String) -> Int64? {
        if let number = Int64(text) { return number }
        guard let double = Double(text), double.magnitude < 9e15 else { return nil }
        return Int64(exactly: double)
    }

    private var typeName: String {
        switch self {
        case .string, .text: "text"
        case .id: "id"
        case .instant: "instant"
        case .day: "day"
        case .boolean: "boolean"
        case .number: "number"
        case .integer: "integer"
        case .cents: "cents"
        case .choice, .open: "text"
        case .list: "list"
        case .object: "object"
        case .optional(let schema): schema.typeName
        }
    }
}
