import Schemas

/// A JSON value written as block YAML. Texts are in quotation marks, as in JSON, which YAML reads the same way.
package enum YAMLText {
    package static func written(_ value: JSONText) -> String {
        var text = ""
        write(value, indent: "", to: &text)
        return text
    }

    private static func write(_ value: JSONText, indent: String, to text: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            for member in members {
                text += indent + key(member.name) + ":"
                nested(member.value, indent: indent + "  ", to: &text)
            }
        case .list(let items) where !items.isEmpty:
            for item in items {
                text += indent + "-"
                nested(item, indent: indent + "  ", to: &text)
            }
        default: text += indent + value.written + "\n"
        }
    }

    /// What comes after `name:` or `-`: on the same line, or below it.
    private static func nested(_ value: JSONText, indent: String, to text: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            text += "\n"
            write(value, indent: indent, to: &text)
        case .list(let items) where !items.isEmpty:
            text += "\n"
            write(value, indent: indent, to: &text)
        default: text += " " + value.written + "\n"
        }
    }

    private static func key(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "-")
        }
        return isPlain && !name.isEmpty ? name : JSONText.string(name).written
    }
}
