import Values

/// A line that breaks a rule.
package struct ImportReject: Sendable, Hashable {
    package enum Reason: String, Sendable, CaseIterable {
        case brackets, empty, long, control, jira, description, time, person, columns, encoding, length, quote, json

        /// The reason in English, for the rejects file.
        package var text: String {
            switch self {
            case .brackets: "the title has a bracket that does not belong to a leading id"
            case .empty: "the title is empty"
            case .long: "the title is longer than 200 characters"
            case .control: "the title has control characters, line ends or direction marks"
            case .jira: "jira_id is not an id like POP-42, or the title begins with another one"
            case .description: "the description is longer than 10,000 characters or has control characters"
            case .time: "created_at is not a time like 2026-11-21T09:30:00Z"
            case .person:
                "created_by is missing, longer than 100 characters, has control characters or direction marks, or is the "
                    + "name of several people: write the e-mail address"
            case .columns: "the line has more or fewer fields than the header"
            case .encoding: "the line is not UTF-8"
            case .length: "the line is longer than 64 KiB"
            case .quote: "a quotation mark is not closed, or is closed in the middle of a field"
            case .json: "the line is not a JSON object with the texts created_at, created_by and title"
            }
        }
    }

    package let line: Int
    package let reason: Reason
    /// The beginning of the line as it is in the file; characters that cannot be stored become U+FFFD.
    package let content: String

    package init(line: Int, reason: Reason, content: String) {
        self.line = line
        self.reason = reason
        self.content = TypedText.storable(content)
    }
}

extension ImportReject.Reason {
    /// Wraps a reason as the error of a `Result`.
    struct Failure: Error {
        let reason: ImportReject.Reason
        init(_ reason: ImportReject.Reason) { self.reason = reason }
    }
}
