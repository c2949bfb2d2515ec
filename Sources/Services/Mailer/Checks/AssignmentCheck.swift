import Contracts
import Messaging
import ServiceKit
import Storage
import Values

/// Each assignment up to the checkpoint is in one letter, or is being gathered for one.
enum AssignmentCheck {
    static let check = Check("mailer: assignments in letters") { snapshots, report in
        let own = try snapshots.of("mailer")
        guard snapshots.has("tracker") else { return }
        let parked = try Parked.ids(of: .tracker, in: own)
        let numbers = try Checkpoint.numbers(of: .tracker, in: own)
        var expected: Int64 = 0
        let tracker = try snapshots.of("tracker")
        let twice = try Journal.toldTwice(TaskCreated.self, in: tracker)
        try tracker.forEach(
            """
            SELECT id, partition, number, version FROM journal WHERE number > 0
            AND (name = \(TaskCreated.name) OR name = \(TaskReassigned.name))
            """
        ) { row in
            let (id, partition, number): (ID, Int, Int64) = (try row(0), try row(1), try row(2))
            guard number <= numbers[partition, default: 0], !parked.contains(id) else { return }
            if twice.contains(id), try row(3, as: Int.self) < TaskCreated.version { return }
            expected += 1
        }
        let gathered: Int64 = try own.value("SELECT COUNT(*) FROM assignment") ?? 0
        let told: Int64 =
            try own.value("SELECT CAST(COALESCE(SUM(items), 0) AS BIGINT) FROM letter WHERE kind = 'assigned'") ?? 0
        report.count("assignments told of", told)
        report.count("being gathered", gathered)
        if told + gathered != expected {
            report.problem("\(told) assignments stand in letters, \(gathered) are gathered; there were \(expected)")
        }
        let forgotten: Int64 =
            try own.value(
                """
                SELECT COUNT(*) FROM assignment a WHERE NOT EXISTS (SELECT 1 FROM gathering g WHERE g.person = a.person)
                """) ?? 0
        if forgotten > 0 { report.problem("\(forgotten) assignments are not gathered by anything") }
    }
}
