extension JSONText {
    /// The value written for people: one line per member, two spaces per level, and a newline at the end. The same
    /// value always gives the same text.
    package var pretty: String {
        var text = ""
        write(to: &text, indent: "")
        return text + "\n"
    }

    private func write(to text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .list(let items) where items.contains { $0.isNested }:
            JSONText.lines(items, "[", "]", indent, &text) { $0.write(to: &$1, indent: inner) }
        case .list(let items):
            text += "[" + items.map(\.written).joined(separator: ", ") + "]"
        case .object(let members) where !members.isEmpty:
            JSONText.lines(members, "{", "}", indent, &text) { member, text in
                text += JSONText.string(member.name).written + ": "
                member.value.write(to: &text, indent: inner)
            }
        default: text += written
        }
    }

    private static func lines<T>(
        _ items: [T], _ open: String, _ close: String, _ indent: String, _ text: inout String,
        _ write: (T, inout String) -> Void
    ) {
        text += open
        for (index, item) in items.enumerated() {
            text += (index > 0 ? "," : "") + "\n" + indent + "  "
            write(item, &text)
        }
        text += "\n" + indent + close
    }

    private var isNested: Bool {
        switch self {
        case .list(let items): !items.isEmpty
        case .object(let members): !members.isEmpty
        default: false
        }
    }

    /// The value of a member; `nil` if there is none, or this is not an object.
    package func member(_ name: String) -> JSONText? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}
