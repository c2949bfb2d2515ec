import Foundation
import Messaging
import Storage
import Values

/// What every `EventLog` must do, whichever product it uses: named checks, each run on an empty log.
///
///     @Test(arguments: MessagingConformance.checks) func conforms(check: MessagingConformance.Check) throws {
///         try check.body(makeEmptyLog())
///     }
package enum MessagingConformance {
    package struct Check: Sendable, CustomStringConvertible {
        package let description: String
        package let body: @Sendable (any EventLog) throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (any EventLog) throws -> Void) {
            self.description = description
            self.body = body
        }
    }

    /// A promise that a log does not keep.
    package struct Unmet: Error, CustomStringConvertible {
        package let description: String
    }

    package static let topic = Topic("conformance")
    static let other = Topic("another")

    package static func envelope(partition: Int, number: Int64, topic: Topic = topic) -> Envelope {
        Envelope(
            id: ID(high: 0x7000, low: UInt64(partition) << 32 | UInt64(number)), topic: topic.name, name: "checked",
            version: 1, key: ID(high: 0, low: UInt64(partition)), time: Instant(milliseconds: number),
            trace: "trace \(number)", data: Array("{\"number\":\(number)}".utf8), partition: partition, number: number
        ).coded
    }

    /// Envelopes of all partitions, `count` each, mixed.
    package static func envelopes(_ numbers: ClosedRange<Int64>, topic: Topic = topic) -> [Envelope] {
        numbers.flatMap { number in
            (0..<Topic.partitions).map { envelope(partition: $0, number: number, topic: topic) }
        }
    }

    static let start = Dictionary(uniqueKeysWithValues: (0..<Topic.partitions).map { ($0, Int64(0)) })

    static func expect(_ condition: Bool, _ text: String) throws {
        guard condition else { throw Unmet(description: text) }
    }

    /// Reads until `count` different envelopes have come; the new numbers of each partition must come in order.
    static func read(_ reader: any EventReader, until count: Int, limit: Int = 1000) throws -> [Envelope] {
        var all: [Envelope] = []
        var known: Set<Envelope> = []
        var last: [Int: Int64] = [:]
        let end = ContinuousClock.now + .seconds(120)
        while known.count < count, ContinuousClock.now < end {
            let batch = try reader.next(limit: limit, waiting: 1)
            try expect(batch.count <= limit, "\(batch.count) came, at most \(limit) were asked for")
            for envelope in batch where known.insert(envelope).inserted {
                if let last = last[envelope.partition] {
                    try expect(
                        envelope.number > last, "number \(envelope.number) came for the first time after \(last)")
                }
                last[envelope.partition] = envelope.number
                all.append(envelope)
            }
        }
        try expect(known.count == count, "\(known.count) came, expected \(count)")
        return all
    }

    package static let checks =
        [
            Check("What is published is read, unchanged, in the order of each partition") { log in
                let sent = envelopes(1...50)
                try log.publish(sent, to: topic)
                let got = try read(log.reader(of: topic, after: start), until: sent.count)
                try expect(Set(got) == Set(sent), "what came is not what was published")
            },
            Check("A limit is kept, and the rest comes next") { log in
                try log.publish(envelopes(1...20), to: topic)
                _ = try read(log.reader(of: topic, after: start), until: 320, limit: 7)
            },
            Check("A tail is the last number, 0 where there is none") { log in
                try expect(try log.tail(of: topic, partition: 3) == 0, "an empty partition has a tail")
                try log.publish([envelope(partition: 3, number: 1), envelope(partition: 3, number: 2)], to: topic)
                try expect(try log.tail(of: topic, partition: 3) == 2, "the tail is not the last number")
                try expect(try log.tail(of: topic, partition: 4) == 0, "another partition has a tail")
                try expect(try log.tail(of: other, partition: 3) == 0, "another topic has a tail")
            },
            Check("A reader begins after its numbers, and leaves out partitions that are not named") { log in
                try log.publish(envelopes(1...10), to: topic)
                let got = try read(log.reader(of: topic, after: [2: 7, 5: 0]), until: 13)
                try expect(got.filter { $0.partition == 2 }.map(\.number) == [8, 9, 10], "partition 2 began elsewhere")
                try expect(got.filter { $0.partition == 5 }.count == 10, "partition 5 is not whole")
                try expect(got.allSatisfy { [2, 5].contains($0.partition) }, "others came too")
            },
            Check("Topics are apart") { log in
                try log.publish(envelopes(1...2), to: topic)
                try log.publish(envelopes(1...3, topic: other), to: other)
                let got = try read(log.reader(of: other, after: start), until: 48)
                try expect(got.allSatisfy { $0.topic == other.name }, "another topic's envelope came")
            },
            Check("Published twice, it is read at least once and the tail stays") { log in
                try log.publish(envelopes(1...5), to: topic)
                try log.publish(envelopes(4...8), to: topic)
                _ = try read(log.reader(of: topic, after: start), until: 128)
                try expect(try log.tail(of: topic, partition: 0) == 8, "the tail is not the last number")
            },
            Check("What comes later is read later") { log in
                let reader = try log.reader(of: topic, after: start)
                try expect(try reader.next(limit: 10, waiting: 0).isEmpty, "something came from an empty log")
                for number in Int64(1)...20 {
                    try log.publish(envelopes(number...number), to: topic)
                    let got = try read(reader, until: 16)
                    try expect(got.allSatisfy { $0.number == number }, "an old envelope came again")
                }
            },
            Check("Seeking goes back and forth") { log in
                try log.publish(envelopes(1...10), to: topic)
                let reader = try log.reader(of: topic, after: start)
                _ = try read(reader, until: 160)
                try reader.seek(partition: 9, after: 6)
                let again = try read(reader, until: 4)
                try expect(
                    again.map(\.number) == [7, 8, 9, 10] && again.allSatisfy { $0.partition == 9 }, "not from 7 on")
                try log.publish(envelopes(11...11), to: topic)
                _ = try read(reader, until: 16)
            },
            Check("Seeking in the middle of reading") { log in
                try log.publish(envelopes(1...40), to: topic)
                let reader = try log.reader(of: topic, after: [1: 0, 2: 0])
                _ = try reader.next(limit: 10, waiting: 0)
                try reader.seek(partition: 1, after: 0)
                try reader.seek(partition: 2, after: 39)
                var seen: Set<Int64> = []
                for _ in 0..<1000 where seen.count < 40 {
                    seen.formUnion(try reader.next(limit: 10, waiting: 1).filter { $0.partition == 1 }.map(\.number))
                }
                try expect(seen == Set(1...40), "partition 1 was not read again from its beginning")
            },
            Check("A waiting reader is woken, and gets what another thread publishes") { log in
                let reader = try log.reader(of: topic, after: start)
                let thread = Thread {
                    reader.wake()
                    try? log.publish([envelope(partition: 0, number: 1)], to: topic)
                }
                thread.start()
                _ = try read(reader, until: 1)
            },
            Check("Several publish at once") { log in
                let done = Signal()
                for name in ["a", "b", "c"] {
                    let thread = Thread {
                        for number in Int64(1)...20 {
                            try? log.publish(envelopes(number...number, topic: Topic(name)), to: Topic(name))
                        }
                        done.note()
                    }
                    thread.start()
                }
                while done.count < 3 { done.wait(past: done.count, atMost: 1) }
                for name in ["a", "b", "c"] { _ = try read(log.reader(of: Topic(name), after: start), until: 320) }
            },
        ] + foreignChecks
}
