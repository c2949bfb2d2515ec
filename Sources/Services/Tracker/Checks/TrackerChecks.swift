import Directory
import ServiceKit
import Storage
import Values

/// What must always be true of the Tracker's data.
enum TrackerChecks {
    static let all = [
        Check("tracker: tasks") { try tasks($0.of("tracker"), &$1) },
        Check("tracker: history") { try history($0.of("tracker"), &$1) },
        Check("tracker: events") { try events($0.of("tracker"), &$1) },
        Check("tracker: eligible") { try eligible($0.of("tracker"), &$1) },
        Check("tracker: search") { try search($0.of("tracker"), &$1) },
        Check("tracker: reassignments") { try reassignments($0.of("tracker"), &$1) },
        Check("tracker: imports") { try imports($0.of("tracker"), &$1) },
    ]

    private static func tasks(_ transaction: any Transaction, _ report: inout Findings) throws {
        for row in try transaction.fetch("SELECT status, COUNT(*) FROM task GROUP BY status ORDER BY status LIMIT 10") {
            report.count("tasks \(try row(0, as: TaskStatus.self).word)", try row(1))
        }
        try report.eachID(
            """
            SELECT t.id FROM task t LEFT JOIN directory_person p ON p.id = t.assignee WHERE p.id IS NULL
            """, in: transaction
        ) { "task \($0) is dealt to somebody whom the Directory does not know" }
        try report.eachID(
            """
            SELECT id FROM task WHERE LENGTH(title) = 0 OR title LIKE '%[%' OR title LIKE '%]%'
            """, in: transaction
        ) { "task \($0) has no title, or brackets in it" }
    }

    private static func history(_ transaction: any Transaction, _ report: inout Findings) throws {
        let changes: Int64 = try transaction.value("SELECT COUNT(*) FROM task_history") ?? 0
        report.count("changes of tasks", changes)
        try report.eachID(
            """
            SELECT t.id FROM task t LEFT JOIN task_history h ON h.task = t.id AND h.revision = t.revision
            WHERE h.task IS NULL OR h.person <> t.assignee OR (t.status = 1) <> (h.kind = 3)
            OR (h.kind = 3 AND h.at <> t.completed_at) OR (h.kind <> 3 AND h.at <> t.assigned_at)
            """, in: transaction
        ) { "the last change of task \($0) is not what the task is" }
        try report.eachID(
            """
            SELECT t.id FROM task t LEFT JOIN task_history h ON h.task = t.id AND h.revision = 1
            WHERE h.task IS NULL OR h.kind <> 1 OR h.at <> t.created_at OR h.actor <> t.creator
            """, in: transaction
        ) { "the first change of task \($0) is not its creation" }
        // Revisions are unique and end at the task's own, so equal sums mean that none is missing.
        let expected: Int64 = try transaction.value("SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM task") ?? 0
        if changes != expected { report.problem("\(changes) changes of tasks, and the tasks count \(expected)") }
        try report.eachID(
            """
            SELECT h.task FROM task_history h JOIN task_history b ON b.task = h.task AND b.revision = h.revision - 1
            WHERE h.kind = 2 AND (h.former <> b.person OR h.former = h.person)
            """, in: transaction
        ) { "a reassignment of task \($0) does not follow from the change before it" }
    }

    private static func events(_ transaction: any Transaction, _ report: inout Findings) throws {
        for row in try transaction.fetch("SELECT name, COUNT(*) FROM journal GROUP BY name ORDER BY name LIMIT 10") {
            report.count("events \(try row(0, as: String.self))", try row(1))
        }
        let created: SQL = "SELECT key, COUNT(DISTINCT id) FROM journal WHERE name = 'task-created' GROUP BY key"
        try compare("SELECT id, 1 FROM task", created, "its creation", transaction, &report)
        try compare(
            "SELECT id, 1 FROM task WHERE status = 1",
            "SELECT key, COUNT(*) FROM journal WHERE name = 'task-completed' GROUP BY key", "its completion",
            transaction, &report)
        try compare(
            "SELECT task, COUNT(*) FROM task_history WHERE kind = 2 GROUP BY task",
            "SELECT key, COUNT(*) FROM journal WHERE name = 'task-reassigned' GROUP BY key", "its reassignments",
            transaction, &report)
    }

    /// Reports the differences between two lists of tasks with counts.
    private static func compare(
        _ rows: SQL, _ events: SQL, _ what: String, _ transaction: any Transaction, _ report: inout Findings
    ) throws {
        try report.eachID("\(rows) EXCEPT \(events)", in: transaction) { "task \($0): the journal lacks \(what)" }
        try report.eachID("\(events) EXCEPT \(rows)", in: transaction) {
            "task \($0): the journal tells of \(what), the tables do not"
        }
    }

    private static func eligible(_ transaction: any Transaction, _ report: inout Findings) throws {
        let size = Int64(try Eligible.count(in: transaction))
        report.count("eligible people", size)
        let ends = try transaction.fetchOne(
            "SELECT COUNT(*), COALESCE(MIN(position), 1), COALESCE(MAX(position), 0) FROM eligible")
        if let ends, try ends(0) != size || ends(1) != 1 || ends(2) != size {
            report.problem("the list of the eligible has gaps: its size is \(size), its rows are \(ends.values)")
        }
        var last: ID?
        var found: Int64 = 0
        while true {
            let people = try Directory.people(after: last, limit: 1000, in: transaction)
            let rows = try transaction.fetch(in: people.map(\.id)) {
                "SELECT person FROM eligible WHERE person IN (\(list: $0))"
            }
            let listed = Set(try rows.map { try $0(0, as: ID.self) })
            for person in people where person.isEligible != listed.contains(person.id) {
                report.problem(
                    "\(person.id) is \(person.isEligible ? "" : "not ")eligible, and the list says otherwise")
            }
            found += Int64(listed.count)
            guard people.count == 1000 else { break }
            last = people.last?.id
        }
        if found != size { report.problem("the list of the eligible names people whom the Directory does not know") }
    }

    private static func search(_ transaction: any Transaction, _ report: inout Findings) throws {
        let indexed: Int64 = try transaction.value("SELECT COUNT(*) FROM task_search") ?? 0
        // Tasks from before an upgrade get their words later.
        let tasks: Int64 =
            try transaction.value(
                "SELECT COUNT(*) FROM task WHERE position > (SELECT through FROM search_backlog WHERE one = 1)") ?? 0
        if indexed != tasks { report.problem("\(indexed) tasks can be searched of \(tasks)") }
    }

    private static func reassignments(_ transaction: any Transaction, _ report: inout Findings) throws {
        try report.count("reassignments", "SELECT COUNT(*) FROM reassignment", in: transaction)
        try report.eachID(
            """
            SELECT r.id FROM reassignment r LEFT JOIN (SELECT reassignment, COUNT(*) AS moved FROM task_history
            WHERE kind = 2 GROUP BY reassignment) h ON h.reassignment = r.id WHERE r.moved <> COALESCE(h.moved, 0)
            OR r.moved > r.dealt
            """, in: transaction
        ) { "reassignment \($0) counts other moves than the history has" }
    }

    private static func imports(_ transaction: any Transaction, _ report: inout Findings) throws {
        try report.count("imports", "SELECT COUNT(*) FROM import_run", in: transaction)
        try report.eachID(
            """
            SELECT i.id FROM import_run i
            LEFT JOIN (SELECT import, COUNT(*) AS n FROM task WHERE import IS NOT NULL GROUP BY import) t
            ON t.import = i.position
            LEFT JOIN (SELECT import, COUNT(*) AS n FROM import_reject GROUP BY import) j ON j.import = i.position
            WHERE i.created <> COALESCE(t.n, 0) OR i.rejected <> COALESCE(j.n, 0)
            OR i.lines <> i.created + i.repeated + i.rejected
            """, in: transaction
        ) { "import \($0): its lines are not all tasks, repeats or rejects" }
    }
}
