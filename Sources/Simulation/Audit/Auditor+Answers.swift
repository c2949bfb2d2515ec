import Foundation
import Storage
import Values
import Web

/// What answers must be, given what was known before the request and what is known after it.
extension Auditor {
    private struct Shown: Decodable {
        var id: ID?
        var entry: ID?
        var title: String?
        var assignee: ID?
        var status: String?
        var roles: [String]?
        var active: Bool?
        var balance: Int64?
        var opening: Int64?
        var operations: Int?
        var person: ID?
    }

    func check(_ answer: WebResponse, to intent: Intent, before: AuditModel, standing: Standing?) throws {
        func finding(_ what: String) -> Finding {
            Finding(
                "\(intent.method) \(intent.target) by \(intent.by): \(answer.status), \(what): \(answer.text.prefix(200))"
            )
        }
        if intent.target.hasPrefix("/api/"), try isRefused(answer, intent, standing, finding) { return }
        let shown = try? JSONDecoder().decode(Shown.self, from: Data(answer.body))
        switch intent.aim {
        case .create(let title, let valid):
            guard valid else {
                if answer.status != 422 { throw finding("this title breaks a rule (X13)") }
                return
            }
            try created(answer.status, shown, intent, finding)
            if answer.status == 201, shown?.title != title { throw finding("the title is another") }
        case .complete(let task): try completed(answer.status, task, intent, before, finding)
        case .register(let roles):
            // A repeated answer is the one given the first time: the person may have been changed meanwhile.
            let isNew = before.made[intent.key] == nil
            guard answer.status == 201, let id = shown?.id, model.made[intent.key] == id,
                Set(shown?.roles ?? []) == Set(roles), !isNew || model.people[id]?.roles == Set(roles)
            else { throw finding("an account was to be made") }
        case .change(let person, let roles, let active):
            if answer.status == 409 { return }
            guard answer.status == 200, let known = model.people[person], roles.map({ known.roles == Set($0) }) ?? true,
                active.map({ known.active == $0 }) ?? true
            else { throw finding("the person was to be changed") }
        case .correct:
            // 403: nobody corrects their own account.
            // 202: together with earlier corrections it is larger than the entry, and waits for a second person.
            if [202, 403, 422].contains(answer.status) { return }
            guard answer.status == 201, let entry = shown?.entry, model.made[intent.key] == entry else {
                throw finding("a correction was to be booked once")
            }
        case .importFile(let titles):
            guard answer.status == 201 else { throw finding("a file was to be taken in") }
            for (title, count) in titles { model.imported[title] = max(model.imported[title] ?? 0, count) }
        case .reassign:
            guard answer.status == 201 || answer.status == 409 else { throw finding("a press was to be taken in") }
        case .confirm:
            guard answer.status == 201 || answer.status == 409 else { throw finding("a day was to be confirmed") }
        case .mixed:
            guard answer.status == 422 else { throw finding("the key belongs to another request") }
            world.marks.reach("branch: a key was used for something else")
        case .anything:
            if answer.status == 200, let shown { try looked(shown, intent, finding) }
        }
    }

    /// Whether the guard had to send the caller away, and did (X7).
    private func isRefused(
        _ answer: WebResponse, _ intent: Intent, _ standing: Standing?, _ finding: (String) -> Finding
    ) throws -> Bool {
        guard let standing else { throw finding("the service does not know the caller") }
        let expected: Int? =
            if !standing.active { 401 } else if standing.denied { 403 } else if !standing.isStaff {
                403
            } else if !intent
                .roles.isEmpty && standing.roles.isDisjoint(with: intent.roles)
            { 403 } else { nil }
        if let expected {
            guard answer.status == expected else { throw finding("expected was \(expected) (X7)") }
            world.marks.reach("branch: refused by the guard")
            return true
        }
        if answer.status == 401 { throw finding("the caller may") }
        return false
    }

    private func created(_ status: Int, _ shown: Shown?, _ intent: Intent, _ finding: (String) -> Finding) throws {
        if status == 409 {
            let anybody = try look("tracker") { transaction in
                try transaction.fetch("SELECT roles FROM directory_person WHERE active = 1").contains { row in
                    let roles = Set(try row(0, as: String.self).split(separator: " ").map(String.init))
                    return Standing(roles: roles, active: true, denied: false).isEligible
                }
            }
            if anybody { throw finding("somebody is eligible (X12)") }
            world.marks.reach("branch: nobody was eligible")
            return
        }
        guard status == 201, let id = shown?.id, model.made[intent.key] == id, model.tasks[id] != nil else {
            throw finding("one task was to be made")
        }
    }

    private func completed(
        _ status: Int, _ id: ID, _ intent: Intent, _ before: AuditModel, _ finding: (String) -> Finding
    ) throws {
        guard let old = before.tasks[id], let task = model.tasks[id] else { throw finding("no such task") }
        if status == 201 {
            guard task.completedBy == intent.key, task.assignee == intent.by else {
                throw finding("the task is not done by this request (X16)")
            }
        } else {
            if old.completedBy == nil, old.assignee == intent.by { throw finding("the task is open and the caller's") }
            guard [403, 409].contains(status), task.completedBy != intent.key else {
                throw finding("refused, and done")
            }
            world.marks.reach("branch: a completion was refused")
        }
    }

    private func looked(_ shown: Shown, _ intent: Intent, _ finding: (String) -> Finding) throws {
        if let balance = shown.balance, let person = shown.person, let account = model.accounts[person] {
            guard balance == account.balance, shown.opening == account.opening, shown.operations == account.operations
            else {
                throw finding("the account is \(account)")
            }
        } else if let id = shown.id, let task = model.tasks[id], shown.status != nil {
            guard shown.assignee == task.assignee, (shown.status == "done") == (task.completedBy != nil) else {
                throw finding("the task is \(task)")
            }
        }
    }
}
