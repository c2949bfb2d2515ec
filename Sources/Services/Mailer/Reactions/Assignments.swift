import Contracts
import Messaging
import Storage
import Values

/// Stores assignments; ``AssignmentDigest`` makes letters of them. So a person gets one letter after "Reassign all" or an
/// import, not one for each task, and an event costs one row.
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
        // The update changes nothing, but it locks the row, so nobody can take it before this transaction ends.
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
