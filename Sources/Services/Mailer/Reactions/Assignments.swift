import Contracts
import Messaging
import Storage
import Values

/// Puts down what was dealt to whom; ``Gathering`` makes letters of it. So "Reassign all" and an import write a person
/// one letter, not one for each task, and an event costs a row.
struct Assignments: Sendable {
    let now: @Sendable () -> Instant

    static let events = TaskCreated.types.union(TaskReassigned.types)

    func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        var people: Set<ID> = []
        let rows = try envelopes.map { envelope -> [Value] in
            let (task, title, jiraID, person) = try Assignments.read(envelope)
            people.insert(person)
            return [
                person.stored, envelope.id.stored, task.stored, .text(title), jiraID.stored, envelope.time.stored,
            ]
        }
        try transaction.send(
            """
            INSERT INTO assignment (person, event, task, title, jira_id, at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (person, event) DO NOTHING
            """, rows: rows)
        // The update changes nothing; it keeps the row from being taken before this transaction ends.
        let since = now()
        try transaction.send(
            "INSERT INTO gathering (person, since) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET since = gathering.since",
            rows: people.sorted().map { [$0.stored, since.stored] })
    }

    private static func read(
        _ envelope: Envelope
    ) throws -> (task: ID, title: String, jiraID: String?, person: ID) {
        if envelope.name == TaskCreated.name {
            let event = try envelope.event(TaskCreated.self)
            return (event.task, event.title, event.jiraID, event.assignee)
        }
        let event = try envelope.event(TaskReassigned.self)
        return (event.task, event.title, event.jiraID, event.newAssignee)
    }
}
