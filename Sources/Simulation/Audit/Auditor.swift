import Composition
import Foundation
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Values

/// Knows what must be true. It reads what services have written to their journals, compares each fact with the rules
/// and with all earlier facts, and compares answers and disks with the resulting model.
final class Auditor {
    let world: World
    var model = AuditModel()
    /// Prices are drawn once for ever: a restore takes the rest of the model back, but never these (X21).
    var prices: [ID: (fee: Int64, reward: Int64)] = [:]
    /// What works once and has begun a session, with Identity's epoch: a restore takes back no use of it.
    var spent: [String: Int64] = [:]
    /// For each service, how much was committed at the last look.
    private var commits: [UInt64?] = Services.names.map { _ in nil }
    /// A finding from code that could not throw it.
    private var complaint: Finding?
    /// Whether a day was sealed since balances were last recalculated.
    var isRecountDue = false

    init(_ world: World) {
        self.world = world
        world.bank.watch = { [unowned self] in ordered($0, key: $1) }
        world.mail.epoch = { [unowned self] in try epoch() }
        world.mail.watch = { [unowned self] in posted($0, copy: $1) }
    }

    func complain(_ what: String) {
        if complaint == nil { complaint = Finding(what) }
    }

    // MARK: Looking

    /// Reads directly from a disk, without the program and without faults.
    func look<T: Sendable>(_ service: String, _ body: @escaping @Sendable (any Transaction) throws -> T) throws -> T {
        let wasArmed = world.isArmed
        world.isArmed = false
        defer { world.isArmed = wasArmed }
        return try world.disk(service).read(body)
    }

    /// Identity's epoch, which changes when a backup is put back.
    func epoch() throws -> Int64 {
        try look("identity") { try $0.value("SELECT epoch FROM identity_epoch") ?? 0 }
    }

    /// Takes the model back together with the disks.
    func restore(_ model: AuditModel) {
        self.model = model
        lookAgain()
    }

    /// To be called when a disk was replaced.
    func lookAgain() { commits = Services.names.map { _ in nil } }

    // MARK: Following

    /// Reads what was written since the last look, producers first: everything that a consumer has written follows from
    /// what its producers have written.
    func follow() throws {
        for (place, signal) in world.commits.enumerated() {
            let count = signal?.count
            guard commits[place] != count || count == nil else { continue }
            commits[place] = count
            try follow(Services.names[place])
        }
        if let complaint { throw complaint }
        // Midnight: everything is added up again.
        if isRecountDue {
            isRecountDue = false
            try checkAccounts()
        }
    }

    private static let kitEvents = Set(KitEvents.all.map { $0.name })

    private func follow(_ service: String) throws {
        let after = model.read[service, default: 0]
        let rows = try look(service) { transaction in
            try transaction.fetch(
                "SELECT position, id, name, trace, data FROM journal WHERE position > \(after) ORDER BY position")
        }
        // The close moves the open day before anything is booked on it, in a separate transaction.
        if service == "accounting" { try followOpenDay() }
        for row in rows {
            let (id, name, trace): (ID, String, String) = (try row(1), try row(2), try row(3))
            let data = Data(try row(4, as: [UInt8].self))
            do {
                switch service {
                // They change no money, and nobody's rights.
                case _ where Auditor.kitEvents.contains(name): break
                case "identity": try person(name, trace, data)
                case "tracker": try task(name, id, trace, data)
                case "accounting": try money(name, id, trace, data)
                case "payouts": try payout(name, data)
                default: break
                }
            } catch let error as DecodingError {
                throw Finding("\(service): \(name) \(id) cannot be read: \(error)")
            }
            model.read[service] = try row(0)
        }
    }

    // MARK: People

    private struct PersonFact: Decodable {
        struct Whole: Decodable {
            let id: ID
            let name: String
            let email: String?
            let roles: [String]
            let active: Bool
        }
        let person: Whole
    }

    private func person(_ name: String, _ trace: String, _ data: Data) throws {
        if name == "access-changed" { return try access(trace, data) }
        guard name.hasPrefix("person-") else { return }
        let fact = try JSONDecoder().decode(PersonFact.self, from: data).person
        let isNew = model.people[fact.id] == nil
        guard isNew == (name == "person-registered") else {
            throw Finding("identity: \(name) of \(fact.id), who is \(isNew ? "not " : "")known")
        }
        model.people[fact.id] = AuditModel.Person(
            name: fact.name, email: fact.email ?? "", roles: Set(fact.roles), active: fact.active)
        if isNew { try note(fact.id, madeBy: trace) }
    }

    /// A request makes one thing, however often it is sent.
    private func note(_ id: ID, madeBy trace: String) throws {
        guard trace.hasPrefix("one-") else { return }
        if let other = model.made[trace] { throw Finding("request \(trace) made \(other) and \(id)") }
        model.made[trace] = id
    }

    // MARK: Tasks

    private struct TaskFact: Decodable {
        let task: ID
        let title: String
        let assignee: ID?
        let creator: ID?
        let oldAssignee: ID?
        let newAssignee: ID?

        enum CodingKeys: String, CodingKey {
            case task, title, assignee, creator
            case oldAssignee = "old_assignee"
            case newAssignee = "new_assignee"
        }
    }

    private func task(_ name: String, _ event: ID, _ trace: String, _ data: Data) throws {
        let fact = try JSONDecoder().decode(TaskFact.self, from: data)
        let id = fact.task
        switch name {
        case "task-created":
            guard let assignee = fact.assignee, let creator = fact.creator, model.tasks[id] == nil else {
                throw Finding("task \(id) was created twice, or for nobody")
            }
            try mustBeEligible(assignee, "task \(id) was created for")
            model.tasks[id] = AuditModel.Task(title: fact.title, creator: creator, assignee: assignee)
            model.order.append(id)
            try note(id, madeBy: trace)
            owe(id, AuditModel.Owed(event: event, person: assignee, isReward: false))
        case "task-reassigned":
            guard let old = fact.oldAssignee, let new = fact.newAssignee, let task = model.tasks[id],
                task.completedBy == nil, task.assignee == old, old != new
            else { throw Finding("task \(id) was reassigned, and was done, somebody else's, or stayed (X15, X16)") }
            try mustBeEligible(new, "task \(id) was reassigned to")
            model.tasks[id]?.assignee = new
            owe(id, AuditModel.Owed(event: event, person: new, isReward: false))
            world.marks.reach("branch: a task went to somebody else")
        case "task-completed":
            guard let person = fact.assignee, let task = model.tasks[id], task.completedBy == nil,
                task.assignee == person
            else { throw Finding("task \(id) was completed twice, or by another than its assignee (X16)") }
            model.tasks[id]?.completedBy = trace
            model.done += 1
            owe(id, AuditModel.Owed(event: event, person: person, isReward: true))
        default: break
        }
    }

    private func owe(_ task: ID, _ owed: AuditModel.Owed) {
        model.tasks[task]?.owed.append(owed)
    }

    /// Checked against what the Tracker knew about people when it assigned the task: nothing else is committed there in
    /// the same step (X4, X12).
    private func mustBeEligible(_ person: ID, _ what: String) throws {
        guard let standing = try standing(of: person, in: "tracker"), standing.isEligible else {
            throw Finding("\(what) \(person), who was not eligible")
        }
    }

    /// What a service knows about a person.
    struct Standing: Sendable {
        let roles: Set<String>
        let active: Bool
        let denied: Bool

        static let staff: Set<String> = ["admin", "manager", "accountant", "employee", "boss"]
        var isStaff: Bool { active && !roles.isDisjoint(with: Standing.staff) }
        var isEligible: Bool { isStaff && !roles.contains("manager") && !roles.contains("admin") }
    }

    func standing(of person: ID, in service: String) throws -> Standing? {
        try look(service) { transaction in
            try transaction.fetchOne(
                """
                SELECT roles, active, (SELECT COUNT(*) FROM directory_denied WHERE person = \(person))
                FROM directory_person WHERE id = \(person)
                """
            ).map { row in
                Standing(
                    roles: Set(try row(0, as: String.self).split(separator: " ").map(String.init)), active: try row(1),
                    denied: try row(2, as: Int.self) > 0)
            }
        }
    }
}
