import Contracts
import Messaging
import Storage
import Values
import Web

/// "Reassign all": stores a press, and does the job's work on presses one after another, in slices (X14, X15).
struct ReassignAll {
    let journal: Journal
    /// How many open tasks one transaction handles.
    static let slice = 1000

    /// Puts a press in the queue.
    /// - Throws: a 409 problem if nobody is eligible.
    func press(
        by person: ID, _ environment: Environment, trace: String, in transaction: any Transaction
    ) throws -> ID {
        guard try Eligible.count(in: transaction) > 0 else { throw Problem.conflict("task.nobody") }
        let id = environment.newID()
        try transaction.send(
            """
            INSERT INTO reassignment (id, state, pressed_by, pressed_at, total, through, reached, dealt, moved, trace)
            SELECT \(id), 0, \(person), \(environment.now()), 0, COALESCE(MAX(position), 0), 0, 0, 0, \(trace) FROM task
            """)
        return id
    }

    /// Does one slice; `false` if there is nothing to do. It reads before it writes, since jobs are called after every
    /// commit.
    func step(_ database: any Database, _ environment: Environment) throws -> Bool {
        let waiting: Bool = try database.read { try Reassignments.current(in: $0) != nil }
        guard waiting else { return false }
        return try database.write { try step(environment, in: $0) }
    }

    /// Does a slice of the oldest unfinished press; `false` if there is none.
    func step(_ environment: Environment, in transaction: any Transaction) throws -> Bool {
        guard let press = try Reassignments.current(in: transaction) else { return false }
        if press.state == .waiting {
            try begin(press, environment, in: transaction)
            return true
        }
        // Fenced by `reached`: if two processes took the same slice, the second one's transaction finds it changed.
        let rows = try transaction.fetchLocking(
            """
            SELECT position, id, title, jira_id, assignee, revision FROM task
            WHERE status = 0 AND position > \(press.reached) AND position <= \(press.through)
            ORDER BY position LIMIT \(Self.slice)
            """)
        guard let last: Int64 = try rows.last?(0) else {
            try end(press, .done, environment, in: transaction)
            return true
        }
        guard let drawn = try Eligible.draw(rows.count, environment, in: transaction) else {
            try end(press, .nobodyEligible, environment, in: transaction)
            return true
        }
        let moves = try zip(rows, drawn).map { try Move($0, to: $1) }.filter { $0.former != $0.person }
        try carryOut(moves, press, environment, in: transaction)
        let done = rows.count < Self.slice
        try advance(press, to: last, dealt: rows.count, moved: moves.count, in: transaction)
        if done { try end(press, .done, environment, in: transaction) }
        return true
    }

    private struct Move {
        let position: Int64
        let task: ID
        let title: String
        let jiraID: String?
        let former: ID
        let revision: Int
        let person: ID

        init(_ row: Row, to person: ID) throws {
            position = try row(0)
            task = try row(1)
            title = try row(2)
            jiraID = try row(3)
            former = try row(4)
            revision = try row(5)
            self.person = person
        }
    }

    private func carryOut(
        _ moves: [Move], _ press: Reassignment, _ environment: Environment, in transaction: any Transaction
    ) throws {
        let now = environment.now()
        try transaction.send(
            "UPDATE task SET assignee = ?, assigned_at = ?, revision = ? WHERE position = ?",
            rows: moves.map { [$0.person.stored, now.stored, ($0.revision + 1).stored, $0.position.stored] })
        try transaction.send(
            """
            INSERT INTO task_history (task, revision, kind, person, former, actor, reassignment, at)
            VALUES (?, ?, 2, ?, ?, ?, ?, ?)
            """,
            rows: moves.map {
                [
                    $0.task.stored, ($0.revision + 1).stored, $0.person.stored, $0.former.stored,
                    press.pressedBy.stored, press.id.stored, now.stored,
                ]
            })
        try journal.append(
            moves.map { move in
                (
                    event: TaskReassigned(
                        task: move.task, title: move.title, jiraID: move.jiraID, oldAssignee: move.former,
                        newAssignee: move.person, reassignment: press.id, time: now),
                    id: environment.newID()
                )
            }, at: now, trace: press.trace, in: transaction)
    }

    private func begin(_ press: Reassignment, _ environment: Environment, in transaction: any Transaction) throws {
        let total: Int =
            try transaction.value("SELECT COUNT(*) FROM task WHERE status = 0 AND position <= \(press.through)") ?? 0
        try transaction.send(
            """
            UPDATE reassignment SET state = 1, started_at = \(environment.now()), total = \(total)
            WHERE position = \(press.position) AND state = 0
            """)
    }

    private func advance(
        _ press: Reassignment, to position: Int64, dealt: Int, moved: Int, in transaction: any Transaction
    ) throws {
        let changed = try transaction.change(
            """
            UPDATE reassignment SET reached = \(position), dealt = dealt + \(dealt), moved = moved + \(moved)
            WHERE position = \(press.position) AND reached = \(press.reached) AND state = 1
            """)
        guard changed == 1 else { throw StorageError.unavailable("another process works on this reassignment") }
    }

    private func end(
        _ press: Reassignment, _ state: Reassignment.State, _ environment: Environment, in transaction: any Transaction
    ) throws {
        try transaction.send(
            """
            UPDATE reassignment SET state = \(state), ended_at = \(environment.now()) WHERE position = \(press.position)
            """)
    }
}
