import Storage
import Values

/// Makes one letter of all the tasks that were assigned to a person within a minute.
struct AssignmentDigest: Sendable {
    let queue: LetterQueue

    /// How long assignments are gathered, from a person's first one on.
    static let seconds: Int64 = 60
    private static let slice = 100

    /// Handles the next slice of people; `false` if nobody's time has come.
    func step(_ environment: Environment, in database: any Database) throws -> Bool {
        // A time in the future comes from a clock that was ahead: such a first assignment is due at once (X65).
        let now = environment.now()
        let due = now.adding(seconds: -AssignmentDigest.seconds)
        let people: [ID] = try database.read { transaction in
            let some = try transaction.fetch(
                "SELECT person FROM gathering WHERE since <= \(due) ORDER BY since LIMIT \(AssignmentDigest.slice)")
            let ahead = try transaction.fetch(
                "SELECT person FROM gathering WHERE since > \(now) ORDER BY since LIMIT \(AssignmentDigest.slice)")
            return try (some + ahead).map { try $0(0) }
        }
        guard !people.isEmpty else { return false }
        try database.write { transaction in
            // In the order of people, like the reaction, so that two transactions never deadlock.
            let drafts = try people.sorted().compactMap { try draft(for: $0, due: due, now: now, in: transaction) }
            try queue.add(drafts, in: transaction)
        }
        return true
    }

    private func draft(
        for person: ID, due: Instant, now: Instant, in transaction: any Transaction
    ) throws -> LetterQueue.Draft? {
        let taken = try transaction.change(
            "DELETE FROM gathering WHERE person = \(person) AND (since <= \(due) OR since > \(now))")
        guard taken == 1 else { return nil }
        var rows = try transaction.fetch(
            "DELETE FROM assignment WHERE person = \(person) RETURNING event, at, task, title, jira_id"
        ).map { row in
            (
                event: try row(0, as: ID.self), at: try row(1, as: Instant.self),
                task: LetterContent.Task(id: try row(2), title: try row(3), jiraID: try row(4))
            )
        }
        rows.sort { ($0.at, $0.event) < ($1.at, $1.event) }
        guard let first = rows.first, let last = rows.last else { return nil }
        let named = rows.prefix(LetterContent.longestList).map(\.task)
        return LetterQueue.Draft(
            id: first.event.derived("letter \(person)"), person: person,
            content: .assigned(tasks: named, more: rows.count - named.count), time: last.at, items: rows.count)
    }
}
