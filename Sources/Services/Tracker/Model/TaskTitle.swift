import Values
import Web

/// What a person or a file typed as a title, taken apart into the title and the id that stood before it (X13).
package struct TaskTitle: Hashable, Sendable {
    package let jiraID: JiraID?
    package let title: String

    /// X11: characters as a reader counts them.
    package static let longest = 200
    /// Against one "character" of ten thousand combining marks.
    static let mostScalars = 1000

    /// Takes a typed title apart and checks it.
    /// - Throws: a 422 problem at the field `title`.
    package static func parse(_ text: String) throws -> TaskTitle {
        let scalars = TextRule.trimmed(Array(text.unicodeScalars))
        let (id, start) = leadingID(of: scalars[...])
        let rest = TextRule.trimmed(Array(scalars[start...]))
        guard !rest.contains(where: { $0 == "[" || $0 == "]" }) else { throw Problem.invalid("title", "task.brackets") }
        guard rest.allSatisfy({ TextRule.isPlain($0) }) else { throw Problem.invalid("title", "task.control") }
        guard rest.contains(where: { TextRule.isVisible($0) }) else { throw Problem.invalid("title", "task.empty") }
        let title = TextRule.string(rest[...])
        // A character is one scalar or more, so most titles need not be counted as a reader does.
        guard rest.count <= longest || rest.count <= mostScalars && title.count <= longest else {
            throw Problem.invalid("title", "task.long")
        }
        return TaskTitle(jiraID: id, title: title)
    }

    /// As ``parse(_:)``, with an id given beside the title. An id in the title must then be the same.
    package static func parse(_ text: String, jiraID: String?) throws -> TaskTitle {
        let parsed = try parse(text)
        let given = jiraID.map { TextRule.string(TextRule.trimmed(Array($0.unicodeScalars))[...]) } ?? ""
        guard !given.isEmpty else { return parsed }
        guard let id = JiraID(given) else { throw Problem.invalid("jira_id", "task.jira") }
        if let other = parsed.jiraID, other != id {
            throw Problem.invalid("jira_id", "task.jira-twice", values: ["title": other.text])
        }
        return TaskTitle(jiraID: id, title: parsed.title)
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
        let id = JiraID(TextRule.string(scalars[position..<end]))
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

/// The id of a ticket elsewhere: `POP-42`.
package struct JiraID: Hashable, Sendable {
    package let text: String
    static let longest = 50

    /// Capitals and digits beginning with a capital, a dash, a number; `nil` for anything else.
    package init?(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count <= JiraID.longest, JiraID.end(in: scalars[...], from: 0) == scalars.count else {
            return nil
        }
        self.text = text
    }

    /// Where the id that begins at `start` ends; `nil` where none does.
    static func end(in scalars: ArraySlice<Unicode.Scalar>, from start: Int) -> Int? {
        var position = start
        guard position < scalars.endIndex, ("A"..."Z").contains(scalars[position]) else { return nil }
        while position < scalars.endIndex,
            ("A"..."Z").contains(scalars[position]) || ("0"..."9").contains(scalars[position])
        { position += 1 }
        guard position < scalars.endIndex, scalars[position] == "-" else { return nil }
        position += 1
        let digits = position
        while position < scalars.endIndex, ("0"..."9").contains(scalars[position]) { position += 1 }
        return position > digits ? position : nil
    }
}
