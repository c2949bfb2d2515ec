import Hosting
import Messaging
import ServiceKit
import Storage
import Values

/// Whether the folder's event log holds what its publishers have written (X60). Missing events are not a finding: the
/// relays publish them again.
package enum LogComparison {
    /// The name of the log among the snapshots.
    package static let name = "log"
    private static let slice = 1000

    static func check(of services: [any Service]) -> Check {
        Check("event log: events are as their publishers wrote them") { snapshots, report in
            guard snapshots.has(name) else { return }
            let log = try snapshots.of(name)
            var count: Int64 = 0
            let topics = try log.fetch("SELECT id, name FROM topic ORDER BY id LIMIT 100")
            for row in topics {
                let (topic, id): (Topic, Int64) = (Topic(try row(1)), try row(0))
                guard let service = services.first(where: { $0.topic == topic }) else {
                    report.problem("event log: there is a topic \(topic), which no service publishes")
                    continue
                }
                for partition in 0..<Topic.partitions {
                    count += try compare(
                        log, id, partition, with: service.journal, try snapshots.of(service.name), &report)
                }
            }
            report.count("events in the log", count)
        }
    }

    private static func compare(
        _ log: any Transaction, _ id: Int64, _ partition: Int, with journal: Journal, _ publisher: any Transaction,
        _ report: inout Findings
    ) throws -> Int64 {
        var (count, last): (Int64, Int64) = (0, 0)
        while true {
            let held = try log.fetch(
                """
                SELECT \(Envelope.journalColumns) FROM event WHERE topic = \(id) AND partition = \(partition)
                AND number > \(last) ORDER BY number LIMIT \(slice)
                """
            ).map { try Envelope(journalRow: $0, topic: journal.topic) }
            guard let first = held.first, let end = held.last else { return count }
            let written = Dictionary(
                try journal.events(
                    partition: partition, after: first.number - 1, upTo: end.number, limit: .max, in: publisher
                ).map { ($0.number, $0) }, uniquingKeysWith: { $1 })
            for event in held where written[event.number] != event || !journal.codes.isRight(event) {
                let what = "\(journal.topic), partition \(partition), number \(event.number)"
                report.problem(
                    "event log: \(event.type) \(event.id), \(what), is not what \(journal.topic) wrote"
                        + (written[event.number].map { ": that is \($0.type) \($0.id)" } ?? ", which has no such number")
                )
            }
            count += Int64(held.count)
            last = end.number
        }
    }
}
