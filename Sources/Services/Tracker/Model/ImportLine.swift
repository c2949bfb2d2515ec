import Crypto
import Values
import Web

/// A line of an imported file (X19): work for a task, or a reject with a reason.
package enum ImportLine: Sendable, Hashable {
    case work(ImportedWork)
    case reject(ImportReject)
}

/// A line that follows all rules.
package struct ImportedWork: Sendable, Hashable {
    package let line: Int
    package let typedAt: Instant?
    package let createdBy: String
    package let title: TaskTitle
    package let description: String?
    /// A hash of the content, 16 bytes. It is the same in every file and for every order of columns.
    package let key: [UInt8]

    /// The id of the line's task. It is derived from the content and the occurrence, so importing the line again finds
    /// the task. It begins with the line's own time, so a file sorted by time is written in the order of ids.
    package func task(occurrence: Int) -> ID {
        ImportedWork.namespace(typedAt).derived(Hexadecimal.text(key) + "#\(occurrence)")
    }

    private static func namespace(_ time: Instant?) -> ID {
        ID(milliseconds: max(0, time?.milliseconds ?? 0), random: (0x0706, 0x1_4010))
    }
}

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

/// The fields of a line as they were typed.
struct ImportFields: Decodable {
    var created_at = ""
    var created_by = ""
    var title = ""
    var jira_id: String?
    var description: String?

    /// Checks the fields against the rules of a task.
    func checked(line: Int) -> Result<ImportedWork, ImportReject.Reason.Failure> {
        do {
            let time = Scalars.string(Scalars.trimmed(Array(created_at.unicodeScalars))[...])
            let typedAt = Instant(time)
            guard typedAt != nil || time.isEmpty else { return .failure(.init(.time)) }
            let name = try PersonName.checked(created_by)
            let title = try TaskTitle.parse(title, jiraID: jira_id)
            return .success(
                ImportedWork(
                    line: line, typedAt: typedAt, createdBy: name, title: title,
                    description: try TextRule.description(description), key: key))
        } catch is PersonName.Fault {
            return .failure(.init(.person))
        } catch let problem as Problem {
            return .failure(.init(ImportFields.reasons[problem.key] ?? .control))
        } catch {
            return .failure(.init(.control))
        }
    }

    private static let reasons: [String: ImportReject.Reason] = [
        "task.brackets": .brackets, "task.empty": .empty, "task.long": .long, "task.control": .control,
        "task.jira": .jira, "task.jira-twice": .jira, "task.description-long": .description,
        "task.description-control": .description,
    ]

    private var key: [UInt8] {
        var hash = SHA256()
        for field in [created_at, created_by, title, jira_id ?? "", description ?? ""] {
            hash.update(data: Array("\(field.utf8.count):".utf8))
            hash.update(data: Array(field.utf8))
        }
        return Array(hash.finalize().prefix(16))
    }
}

extension ImportReject.Reason {
    /// Wraps a reason as the error of a `Result`.
    struct Failure: Error {
        let reason: ImportReject.Reason
        init(_ reason: ImportReject.Reason) { self.reason = reason }
    }
}
