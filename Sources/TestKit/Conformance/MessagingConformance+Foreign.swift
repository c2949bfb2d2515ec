import Foundation
import Messaging
import Storage
import Values

/// What a log does with messages from somebody who does not have the installation's secret (X60).
extension MessagingConformance {
    private static let stranger = EventCodes.trial(acceptsMissing: false, secret: [UInt8](repeating: 6, count: 32))

    private static func changed(_ envelope: Envelope, data: String) -> Envelope {
        var changed = Envelope(
            id: envelope.id, topic: envelope.topic, name: envelope.name, version: envelope.version, key: envelope.key,
            time: envelope.time, trace: envelope.trace, data: Array(data.utf8), partition: envelope.partition,
            number: envelope.number)
        changed.code = envelope.code
        changed.numberCode = envelope.numberCode
        changed.personal = envelope.personal
        return changed
    }

    /// Messages of partition 5 that are not events, of all kinds.
    private static func foreign(_ number: Int64) -> [Envelope] {
        let right = envelope(partition: 5, number: number)
        var bare = right
        bare.code = nil
        bare.numberCode = nil
        var unnumbered = right
        unnumbered.numberCode = nil
        // One of our events, at another number than its own.
        var moved = envelope(partition: 5, number: number - 1)
        moved.number = number + 40
        return [
            bare, unnumbered, changed(right, data: "{\"sum\":99999900}"), stranger.given(to: bare),
            changed(envelope(partition: 5, number: number + 90), data: "no JSON"), moved,
            changed(envelope(partition: 5, number: number, topic: other), data: "{}"),
        ]
    }

    static let foreignChecks = [
        Check("X60: what has no right code is handed to nobody, is no tail, and is refused") { log in
            try log.publish(envelopes(1...3), to: topic)
            for message in foreign(4) { try log.publish([message], to: topic) }
            try expect(try log.tail(of: topic, partition: 5) == 3, "the tail is no event")
            let got = try read(log.reader(of: topic, after: start), until: 48)
            try expect(Set(got) == Set(envelopes(1...3)), "what came is not what was published")
            let more = try log.reader(of: topic, after: [5: 3]).next(limit: 10, waiting: 1)
            try expect(more.isEmpty, "a message without a right code was handed over")
            try expect(!log.codes.alarms(of: topic).isEmpty, "there is no alarm")
        },
        Check("X60: the event whose number somebody has taken gets through, to who has read before and who reads after")
        {
            log in
            let before = try log.reader(of: topic, after: [5: 0])
            try log.publish([envelope(partition: 5, number: 1)], to: topic)
            _ = try read(before, until: 1)
            for message in foreign(2) { try log.publish([message], to: topic) }
            _ = try before.next(limit: 10, waiting: 0.2)
            try log.publish((2...60).map { envelope(partition: 5, number: $0) }, to: topic)
            let got = try read(before, until: 59)
            try expect(got.map(\.number) == Array(2...60), "who read before did not get the events in order")
            let after = try read(log.reader(of: topic, after: [5: 0]), until: 60)
            try expect(after == (1...60).map { envelope(partition: 5, number: $0) }, "who reads after got others")
            try expect(try log.tail(of: topic, partition: 5) == 60, "the tail is not the last event")
        },
        Check("X60: an event that somebody has changed is put right by publishing it again") { log in
            let events = (1...5).map { envelope(partition: 5, number: Int64($0)) }
            try log.publish(events, to: topic)
            try log.publish([changed(events[2], data: "{\"number\":4}")], to: topic)
            try log.publish(events, to: topic)
            let got = try read(log.reader(of: topic, after: [5: 0]), until: 5)
            try expect(Set(got) == Set(events), "what came is not what was published")
        },
    ]
}
