import Crypto
import Values
import Web

/// A line of an imported file (X19): work for a task, or a reject with a reason.
package enum ImportLine: Sendable, Hashable {
    case work(ImportedWork)
    case reject(ImportReject)
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
