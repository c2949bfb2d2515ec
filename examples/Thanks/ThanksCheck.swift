import ServiceKit
import Storage
import Values

/// For `popug verify`: people are thanked only for tasks that they did.
enum ThanksCheck {
    static let check = Check("thanks: for what was done") { snapshots, report in
        let strange = try snapshots.of(ThanksService.name).fetch(
            """
            SELECT t.id FROM thanks t LEFT JOIN done_task d ON d.task = t.task AND d.person = t.person
            WHERE d.task IS NULL LIMIT 100
            """)
        for row in strange {
            report.problem("thanks \(try row(0, as: ID.self)) are for a task that its person did not do")
        }
    }
}
