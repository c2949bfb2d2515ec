import ServiceKit
import Storage
import Values

/// Of each person's waiting letters, only the first has a next try. Letters that have ended have none.
enum QueueCheck {
    static let check = Check("mailer: the queue") { snapshots, report in
        let own = try snapshots.of("mailer")
        try own.forEach("SELECT state, COUNT(*) FROM letter GROUP BY state ORDER BY state") { row in
            report.count("letters \(try row(0, as: String.self))", try row(1))
        }
        try report.eachRow(
            """
            SELECT person, COUNT(next_try) FROM letter WHERE state = 'waiting' GROUP BY person
            HAVING COUNT(next_try) <> 1
            """, in: own
        ) { row in
            "letters to \(try row(0, as: ID.self)) wait, and \(try row(1, as: Int64.self)) of them are due instead of one"
        }
        let astray: Int64 =
            try own.value("SELECT COUNT(*) FROM letter WHERE state <> 'waiting' AND next_try IS NOT NULL") ?? 0
        if astray > 0 { report.problem("\(astray) letters have ended and are due all the same") }
    }
}
