import Foundation
import Values

/// Several errors in one body or query, each with its field. They are reported together, with status 422.
package struct FieldProblems: Error, Sendable, Hashable {
    package let problems: [Problem]

    package init(_ problems: [Problem]) {
        self.problems = problems
    }
}

extension Schema {
    /// What is wrong with a value; empty if it fits. Fields are written `items[2].title`.
    package func problems(with value: JSONText) -> [Problem] {
        var found: [Problem] = []
        check(value, at: "", &found)
        return found
    }

    private func check(_ value: JSONText, at place: String, _ found: inout [Problem]) {
        func wrong(_ key: String, _ values: [String: String] = [:]) {
            if found.count < 50 { found.append(.invalid(place, key, values: values)) }
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
        _ members: [JSONText.Member], against fields: [Field], at place: String, _ found: inout [Problem]
    ) {
        let prefix = place.isEmpty ? "" : place + "."
        for member in members where !fields.contains(where: { $0.name == member.name }) && found.count < 50 {
            found.append(.invalid(prefix + member.name.beginning(100), "web.unknown-field"))
        }
        for field in fields {
            if let member = members.first(where: { $0.name == field.name }) {
                field.schema.check(member.value, at: prefix + field.name, &found)
            } else if case .optional = field.schema {
                continue
            } else {
                found.append(.invalid(prefix + field.name, "web.missing"))
            }
        }
    }

    /// What is wrong with a text, if this schema expects one. Also for query parameters, which are always text.
    func complaint(about text: String) -> (key: String, values: [String: String])? {
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

    /// Like ``complaint(about:)``, for a parameter in the address: numbers and booleans are written as text there.
    func complaint(aboutParameter text: String) -> (key: String, values: [String: String])? {
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
