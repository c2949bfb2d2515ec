import Values

/// Splits a title as people type it: `[POP-42] - Feed the cat`, `POP-42: Feed the cat` and the like are the id POP-42
/// and "Feed the cat" (X13). It refuses nothing: the Tracker decides what a title may hold.
package struct TypedTitle: Hashable, Sendable {
    package let jiraID: JiraID?
    /// The title without the id, trimmed; may be empty.
    package let rest: [Unicode.Scalar]

    package init(_ text: String) {
        let scalars = Scalars.trimmed(Array(text.unicodeScalars))
        let (id, start) = TypedTitle.leadingID(of: scalars[...])
        jiraID = id
        rest = Scalars.trimmed(Array(scalars[start...]))
    }

    /// A title and its id as one text; splitting that text gives the same title and id.
    package static func joined(_ title: String, jiraID: String?) -> String {
        jiraID.map { "[\($0)] - \(title)" } ?? title
    }

    /// The id at the start, in brackets or followed by a separator, and where the rest begins.
    private static func leadingID(of scalars: ArraySlice<Unicode.Scalar>) -> (JiraID?, Int) {
        var position = 0
        let bracketed = scalars.first == "["
        if bracketed {
            position = 1
            while position < scalars.count, scalars[position] == " " { position += 1 }
        }
        guard let end = JiraID.end(in: scalars, from: position) else { return (nil, 0) }
        let id = JiraID(Scalars.string(scalars[position..<end]))
        position = end
        if bracketed {
            while position < scalars.count, scalars[position] == " " { position += 1 }
            guard position < scalars.count, scalars[position] == "]" else { return (nil, 0) }
            position += 1
        } else {
            guard position < scalars.count, isSeparator(scalars[position]) else { return (nil, 0) }
        }
        while position < scalars.count, isSeparator(scalars[position]) { position += 1 }
        return id == nil ? (nil, 0) : (id, position)
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ":", ";", ",", "|", "-", " ", "\t", "\u{A0}", "\u{2013}", "\u{2014}": true
        default: false
        }
    }
}
