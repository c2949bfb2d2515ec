import Contracts
import ServiceKit
import Messaging
import Storage
import Values

/// Each close with a payout, up to the checkpoint, has exactly one letter, and no other close has one (X27). Events
/// that are parked or were discarded are counted separately.
enum LetterCheck {
    static let check = Check("mailer: letters about payouts") { snapshots, report in
        let own = try snapshots.of("mailer")
        guard snapshots.has("accounting") else { return }
        let parked = try Parked.ids(of: .accounting, in: own)
        let numbers = try Checkpoint.numbers(of: .accounting, in: own)
        var expected = MultisetDigest()
        var aside: Int64 = 0
        try closes(try snapshots.of("accounting"), upTo: numbers) { event in
            if parked.contains(event) { aside += 1 } else { expected.add(event.derived("letter")) }
        }
        var written = MultisetDigest()
        try own.forEach("SELECT id FROM letter WHERE kind = 'payout'") { written.add(try $0(0, as: ID.self)) }
        report.count("closes with a payout", expected.count)
        report.count("parked or discarded", aside)
        guard expected != written else { return }
        var wanted: [ID: ID] = [:]
        try closes(try snapshots.of("accounting"), upTo: numbers) { event in
            if !parked.contains(event) { wanted[event.derived("letter")] = event }
        }
        try report.eachRow("SELECT id FROM letter WHERE kind = 'payout'", in: own) { row in
            let letter: ID = try row(0)
            return wanted.removeValue(forKey: letter) == nil ? "letter \(letter) is about no close with a payout" : nil
        }
        for close in wanted.values { report.problem("day-closed \(close) has a payout and no letter") }
    }

    private static func closes(
        _ accounting: any Transaction, upTo numbers: [Int: Int64], _ body: (ID) -> Void
    ) throws {
        // This event holds no free text, so the field's name occurs only at the field.
        let unpaid = Array("\"paid\":0,".utf8)
        try accounting.forEach(
            "SELECT id, partition, number, data FROM journal WHERE number > 0 AND name = \(DayClosed.name)"
        ) { row in
            let (partition, number): (Int, Int64) = (try row(1), try row(2))
            guard number <= numbers[partition, default: 0] else { return }
            if try row(3, as: [UInt8].self).place(of: unpaid) == nil { body(try row(0)) }
        }
    }
}

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
