import Contracts
import Messaging
import ServiceKit
import Storage
import Values

/// Every event of the Tracker up to the checkpoint was booked exactly once, on the right account: a fee for an
/// assignment, a reward for a completion (X22). Events that are parked or were discarded are counted separately.
enum BookingCheck {
    /// What an event asks for, and what an entry says.
    private struct Line: Hashable {
        let entry: ID
        let task: ID?
        let person: ID
        let isReward: Bool
    }

    static let check = Check("accounting: bookings of the Tracker's events") { snapshots, report in
        let own = try snapshots.of("accounting")
        guard snapshots.has("tracker") else { return }
        let tracker = try snapshots.of("tracker")
        let parked = try Parked.ids(of: .tracker, in: own)
        let numbers = try Checkpoint.numbers(of: .tracker, in: own)
        var expected = MultisetDigest()
        var rewards: Int64 = 0
        var aside: Int64 = 0
        try events(tracker, upTo: numbers) { event, line in
            if parked.contains(event) {
                aside += 1
            } else {
                expected.add(line)
                rewards += line.isReward ? 1 : 0
            }
        }
        var booked = MultisetDigest()
        try entries(own) { booked.add($0) }
        report.count("assignments charged", expected.count - rewards)
        report.count("completions rewarded", rewards)
        report.count("parked or discarded", aside)
        guard expected != booked else { return }
        try tell(own, tracker, numbers, parked, &report)
    }

    /// Names the differences. It holds all events in memory, so it runs only if something is wrong.
    private static func tell(
        _ own: any Transaction, _ tracker: any Transaction, _ numbers: [Int: Int64], _ parked: Set<ID>,
        _ report: inout Findings
    ) throws {
        var lines: [ID: Line] = [:]
        var problems: [String] = []
        try events(tracker, upTo: numbers) { event, line in
            if !parked.contains(event) { lines[line.entry] = line }
        }
        try entries(own) { line in
            guard let wanted = lines.removeValue(forKey: line.entry) else {
                problems.append("entry \(line.entry) of account \(line.person) has no event of the Tracker")
                return
            }
            if wanted != line {
                problems.append(
                    "entry \(line.entry) is booked on account \(line.person) for task "
                        + "\(line.task?.description ?? "none"); the event says \(wanted.person) and "
                        + "\(wanted.task?.description ?? "none")")
            }
        }
        for line in lines.values {
            problems.append(
                "task \(line.task?.description ?? "none"): \(line.isReward ? "a completion" : "an assignment") of "
                    + "\(line.person) was not booked (entry \(line.entry))")
        }
        for problem in problems { report.problem(problem) }
    }

    private static func entries(_ own: any Transaction, _ body: (Line) -> Void) throws {
        try own.forEach(
            "SELECT id, subject, account, kind FROM entry WHERE kind = \(Books.fee) OR kind = \(Books.reward)"
        ) { row in
            body(
                Line(
                    entry: try row(0), task: try row(1), person: try row(2),
                    isReward: try row(3, as: String.self) == Books.reward))
        }
    }

    private static func events(
        _ tracker: any Transaction, upTo numbers: [Int: Int64], _ body: (ID, Line) -> Void
    ) throws {
        let twice = try Journal.toldTwice(TaskCreated.self, in: tracker)
        try tracker.forEach(
            """
            SELECT id, key, partition, number, name, data, version FROM journal WHERE number > 0
            AND (name = \(TaskCreated.name) OR name = \(TaskReassigned.name) OR name = \(TaskCompleted.name))
            """
        ) { row in
            let (partition, number): (Int, Int64) = (try row(2), try row(3))
            guard number <= numbers[partition, default: 0] else { return }
            let (id, name): (ID, String) = (try row(0), try row(4))
            if twice.contains(id), try row(6, as: Int.self) < TaskCreated.version { return }
            guard let person = person(in: try row(5), name == TaskReassigned.name ? "new_assignee" : "assignee") else {
                throw UnreadableEvent(reason: "\(name) \(id) names nobody")
            }
            body(
                id,
                Line(
                    entry: TaskBookings.entryID(of: id), task: try row(1), person: person,
                    isReward: name == TaskCompleted.name))
        }
    }

    /// Finds the id in a field of an event's JSON without parsing all of it. Inside a JSON text every quotation mark
    /// has a backslash before it, so the field's name with its quotation marks and colon occurs nowhere else.
    private static func person(in data: [UInt8], _ field: String) -> ID? {
        let pattern = Array("\"\(field)\":\"".utf8)
        guard let found = data.place(of: pattern) else { return nil }
        return ID(String(decoding: data[found.upperBound...].prefix(36), as: UTF8.self))
    }
}
