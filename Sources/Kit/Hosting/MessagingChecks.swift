import Directory
import Messaging
import ServiceKit
import Storage
import Values

/// What `verify` looks at in any service: its journal, its checkpoints, its copy of who is who.
package enum MessagingChecks {
    package static func checks(of service: any Service) -> [Check] {
        var checks = [journal(service.name), codes(service.name, service.journal)]
        checks += Set(service.reactions.map(\.topic)).sorted { $0.name < $1.name }.map { topic in
            checkpoints(service.name, topic, service.journal.codes)
        }
        if service.reactions.contains(where: { $0.topic == Topic.identity }) { checks.append(directory(service.name)) }
        return checks
    }

    /// Numbers run from 1 without a gap in every partition, as far as the counter says.
    private static func journal(_ service: String) -> Check {
        Check("\(service): journal") { snapshots, report in
            let transaction = try snapshots.of(service)
            let cursors = try transaction.fetch(
                "SELECT partition, numbered, published FROM journal_cursor ORDER BY partition")
            var counters: [Int: Int64] = [:]
            for row in cursors {
                let partition: Int = try row(0)
                let numbered: Int64 = try row(1)
                let published: Int64 = try row(2)
                counters[partition] = numbered
                if published > numbered {
                    report.problem(
                        "\(service): journal_cursor of partition \(partition) has published \(published) of "
                            + "\(numbered) numbered events")
                }
            }
            var total: Int64 = 0
            for partition in 0..<Topic.partitions {
                let row = try transaction.fetchOne(
                    """
                    SELECT COUNT(*), COALESCE(MIN(number), 1), COALESCE(MAX(number), 0) FROM journal
                    WHERE partition = \(partition) AND number > 0
                    """)
                guard let row else { continue }
                let count: Int64 = try row(0)
                let first: Int64 = try row(1)
                let last: Int64 = try row(2)
                let counter = counters[partition] ?? 0
                if count != counter || first != 1 || last != counter {
                    report.problem(
                        "\(service): partition \(partition) of the journal has \(count) numbered events, \(first) to "
                            + "\(last); its counter says \(counter)")
                }
                total += count
            }
            let waiting: Int64 =
                try transaction.value("SELECT COUNT(*) FROM journal WHERE number IS NULL AND refused = 0") ?? 0
            report.count("\(service): events in the journal", total + waiting)
            if waiting > 0 { report.count("\(service): events not numbered yet", waiting) }
        }
    }

    /// Every event is as it was appended, and has the number that the relay gave it (X60).
    private static func codes(_ service: String, _ journal: Journal) -> Check {
        Check("\(service): codes of events") { snapshots, report in
            var count: Int64 = 0
            try report.eachRow(
                "SELECT \(Envelope.journalColumns), position, refused FROM journal ORDER BY position",
                in: snapshots.of(service)
            ) { row in
                count += 1
                guard let event = try? Envelope(journalRow: row, topic: journal.topic) else {
                    let position: Int64 = try row(Envelope.journalColumnCount)
                    return "\(service): journal: row \(position) cannot be read as an event"
                }
                let what = try "\(event.type) \(event.id), row \(row(Envelope.journalColumnCount, as: Int64.self))"
                if try row(Envelope.journalColumnCount + 1, as: Bool.self) {
                    return "\(service): journal: \(what) has no right code, and was refused: it was written by "
                        + "somebody without the secret"
                }
                let isRight = event.number == 0 ? journal.codes.isWritten(event) : journal.codes.isRight(event)
                guard !isRight else { return nil }
                return "\(service): journal: \(what), partition \(event.partition), number \(event.number), is not "
                    + "as it was written: its code is wrong"
            }
            report.count("\(service): codes checked", count)
        }
    }

    /// No checkpoint is past what the publisher has numbered; parked and discarded events are as they came, and are
    /// counted apart.
    private static func checkpoints(_ service: String, _ topic: Topic, _ codes: EventCodes) -> Check {
        Check("\(service): checkpoints in \(topic)") { snapshots, report in
            let transaction = try snapshots.of(service)
            let numbers = try Checkpoint.numbers(of: topic, in: transaction)
            report.count("\(service): events of \(topic) passed", numbers.values.reduce(0, +))
            let orphans: Int64 =
                try transaction.value(
                    """
                    SELECT COUNT(*) FROM parked p WHERE p.topic = \(topic.name) AND p.discarded_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM parked_key k WHERE k.topic = p.topic AND k.key = p.key)
                    """) ?? 0
            if orphans > 0 {
                report.problem(
                    "\(service): \(orphans) parked events of \(topic) have no row in parked_key: none tries them")
            }
            try report.eachRow(
                "SELECT \(Envelope.journalColumns) FROM parked WHERE topic = \(topic.name)", in: transaction
            ) { row in
                let event = try Envelope(journalRow: row, topic: topic)
                guard !codes.isRight(event) else { return nil }
                return "\(service): parked: \(event.type) \(event.id) of \(topic), partition \(event.partition), "
                    + "number \(event.number), is not as it was written: its code is wrong"
            }
            for count in try Parked.counts(in: transaction) where count.topic == topic.name {
                if count.events > 0 { report.count("\(service): events of \(topic) parked", count.events) }
                if count.discarded > 0 { report.count("\(service): events of \(topic) discarded", count.discarded) }
            }
            guard snapshots.has(topic.name) else { return }
            let publisher = try snapshots.of(topic.name)
            let counters = try publisher.fetch("SELECT partition, numbered FROM journal_cursor ORDER BY partition")
            let numbered = Dictionary(
                uniqueKeysWithValues: try counters.map { (try $0(0, as: Int.self), try $0(1, as: Int64.self)) })
            for (partition, number) in numbers.sorted(by: { $0.key < $1.key }) {
                let last = numbered[partition] ?? 0
                if number > last {
                    report.problem(
                        "\(service): the checkpoint in \(topic), partition \(partition), is \(number), and \(topic) has "
                            + "numbered only \(last)")
                }
            }
        }
    }

    /// The Directory equals Identity's people and keys, wherever the checkpoint has reached the end of the partition and
    /// nothing of theirs is parked or was discarded; and it has nobody whom Identity does not know.
    private static func directory(_ service: String) -> Check {
        Check("\(service): Directory") { snapshots, report in
            guard service != Topic.identity.name, snapshots.has(Topic.identity.name) else { return }
            let own = try snapshots.of(service)
            let identity = try snapshots.of(Topic.identity.name)
            let level = try levelPartitions(own, identity)
            let excused = Set(
                try own.fetch("SELECT DISTINCT key FROM parked WHERE topic = \(Topic.identity.name)").map {
                    try $0(0, as: ID.self)
                })
            var compared: Int64 = 0
            var after: ID?
            while true {
                let page = try Directory.people(after: after, limit: 500, in: identity)
                let copies = try Directory.people(page.map(\.id), in: own)
                for person in page
                where level.contains(person.id.partition(of: Topic.partitions)) && !excused.contains(person.id) {
                    compared += 1
                    if let copy = copies[person.id] {
                        if copy != person {
                            report.problem(
                                "\(service): directory_person \(person.id) is \(copy), Identity has \(person)")
                        }
                    } else {
                        report.problem("\(service): directory_person \(person.id) (\(person.name)) is missing")
                    }
                }
                guard page.count == 500 else { break }
                after = page.last?.id
            }
            report.count("\(service): people compared with Identity", compared)
            try strangers(service, own, identity, &report)
            let told = try identity.fetchOne(
                "SELECT key FROM journal WHERE name = \(KeysChanged.name) ORDER BY position DESC LIMIT 1")
            guard let key: ID = try told?(0), level.contains(key.partition(of: Topic.partitions)),
                !excused.contains(key)
            else { return }
            try keys(service, own, identity, &report)
        }
    }

    private static func strangers(
        _ service: String, _ own: any Transaction, _ identity: any Transaction, _ report: inout Findings
    ) throws {
        var after: ID?
        while true {
            let page = try Directory.people(after: after, limit: 500, in: own)
            let known = try Directory.people(page.map(\.id), in: identity)
            for person in page where known[person.id] == nil {
                report.problem("\(service): directory_person \(person.id) (\(person.name)) is unknown to Identity")
            }
            guard page.count == 500 else { return }
            after = page.last?.id
        }
    }

    /// A key that Identity has not made would sign anybody in (X60).
    private static func keys(
        _ service: String, _ own: any Transaction, _ identity: any Transaction, _ report: inout Findings
    ) throws {
        let (copies, made) = (Set(try Directory.keys(in: own)), Set(try Directory.keys(in: identity)))
        for key in copies.subtracting(made).map(\.id).sorted() {
            report.problem("\(service): directory_key \(key) is not one that Identity has made")
        }
        for key in made.subtracting(copies).map(\.id).sorted() {
            report.problem("\(service): directory_key \(key) is missing, or is another")
        }
    }

    /// Partitions of which the service has applied all that Identity has written.
    private static func levelPartitions(_ own: any Transaction, _ identity: any Transaction) throws -> Set<Int> {
        let applied = try Checkpoint.numbers(of: Topic.identity, in: own)
        let waiting = Set(
            try identity.fetch("SELECT DISTINCT partition FROM journal WHERE number IS NULL AND refused = 0").map {
                try $0(0, as: Int.self)
            })
        var level: Set<Int> = []
        for row in try identity.fetch("SELECT partition, numbered FROM journal_cursor ORDER BY partition") {
            let partition: Int = try row(0)
            let numbered: Int64 = try row(1)
            if !waiting.contains(partition), applied[partition] == numbered { level.insert(partition) }
        }
        return level
    }
}
