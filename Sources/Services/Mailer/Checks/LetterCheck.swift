import Contracts
import Messaging
import ServiceKit
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
