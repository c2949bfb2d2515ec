import Crypto
import Foundation
import Logging
import Synchronization
import Values

/// Makes and checks the keyed codes. They prove that the writer of an event had the installation's secret (X60).
///
/// An event gets its code when it is appended to the journal, in the command's transaction. The code covers topic, id,
/// key, type, time, trace and data, with the personal fields replaced by salted digests (``PersonalFields``). The relay
/// gives the number a code of its own, over partition, number and the event's code. Without both codes, it is not an
/// event: logs do not deliver it, relays do not number it, and it is not retried if it is parked. Each such case is
/// recorded as a refusal, which raises an alarm.
///
/// The keys are derived from the secret with HKDF-SHA-256, one for each topic.
package final class EventCodes: Sendable {
    /// Whether something without any code is accepted as an event. This is so while processes of a version without
    /// codes are still running.
    package let acceptsMissing: Bool
    private let secret: SymmetricKey
    private let personal: [String: [String]]
    private let random: @Sendable () -> UInt64
    private let keys = Mutex<[String: SymmetricKey]>([:])
    private let refusals: RefusedEvents

    /// - Parameters:
    ///   - secret: the installation's.
    ///   - personal: the paths of personal fields in an event's data, by its type (`person-changed.1`).
    ///   - random: makes salts.
    package init(
        secret: [UInt8], personal: [String: [String]], acceptsMissing: Bool = false,
        random: @escaping @Sendable () -> UInt64, logger: Logger
    ) {
        self.secret = SymmetricKey(data: secret)
        self.personal = personal
        self.acceptsMissing = acceptsMissing
        self.random = random
        refusals = RefusedEvents(logger: logger)
    }

    private func key(of topic: String) -> SymmetricKey {
        keys.withLock { keys in
            if let known = keys[topic] { return known }
            let key = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: secret, info: Array("popug events of \(topic)".utf8), outputByteCount: 32)
            keys[topic] = key
            return key
        }
    }

    /// The input of a code begins with its purpose, so that no code can be used for another purpose.
    private enum Purpose: UInt8 {
        case event = 1
        case number = 2
        case erasure = 3
        case salt = 4
        case fingerprint = 5
        case row = 6
    }
}

// MARK: Making

extension EventCodes {
    /// The event with its code, as it is appended.
    package func written(_ envelope: Envelope) -> Envelope {
        written(envelope) { PersonalFields(paths: $0, random: random) }
    }

    private func written(_ envelope: Envelope, fields: (_ paths: [String]) -> PersonalFields) -> Envelope {
        var envelope = envelope
        if let paths = personal[envelope.type] {
            let fields = fields(paths)
            // Data that is not an object has no fields.
            envelope.personal = fields.masked(envelope.data) == nil ? PersonalFields.none : fields.text
        }
        envelope.code = code(of: envelope)
        return envelope
    }

    /// The event with the code of its number.
    package func numbered(_ envelope: Envelope) -> Envelope {
        var envelope = envelope
        envelope.numberCode = envelope.code.map { numberCode(of: envelope, $0) }
        return envelope
    }

    /// An event from before there were codes, with the codes that it lacks. The result must be the same in the journal,
    /// in the log and everywhere else, so the salt is derived from the event's id.
    package func given(to envelope: Envelope) -> Envelope {
        let written =
            envelope.code == nil
            ? written(envelope) { paths in
                PersonalFields(
                    paths: paths, state: .salted(code(.salt, envelope.id.bytes, envelope.topic).bytes))
            } : envelope
        return written.number > 0 ? numbered(written) : written
    }

    /// The event with its personal fields emptied for good. Its codes stay valid, and nobody can find out what the
    /// fields contained. An event without such fields is returned unchanged.
    package func erased(_ envelope: Envelope) throws -> Envelope {
        guard let fields = PersonalFields(text: envelope.personal), case .salted = fields.state,
            let code = envelope.code, let masked = fields.masked(envelope.data)
        else { return envelope }
        let proof = self.code(.erasure, code.bytes, envelope.topic)
        var erased = Envelope(
            id: envelope.id, topic: envelope.topic, name: envelope.name, version: envelope.version, key: envelope.key,
            time: envelope.time, trace: envelope.trace, data: try fields.erased(envelope.data),
            partition: envelope.partition, number: envelope.number)
        erased.code = code
        erased.numberCode = envelope.numberCode
        erased.personal =
            PersonalFields(paths: fields.paths, state: .erased(digests: masked.digests, proof: proof)).text
        return erased
    }

    /// `nil` if what the envelope says about its personal fields is not true.
    private func code(of envelope: Envelope) -> EventCode? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160 + envelope.data.count)
        func add(_ text: String) {
            var text = text
            text.withUTF8 { utf8 in
                withUnsafeBytes(of: UInt32(utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: utf8)
            }
        }
        envelope.id.withBytes { bytes.append(contentsOf: $0) }
        envelope.key.withBytes { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: envelope.time.milliseconds.bigEndian) { bytes.append(contentsOf: $0) }
        add(envelope.topic)
        add(envelope.name)
        withUnsafeBytes(of: Int64(envelope.version).bigEndian) { bytes.append(contentsOf: $0) }
        add(envelope.trace.beginning(bytes: Envelope.longestTrace))
        guard envelope.personal != PersonalFields.none else {
            add("")
            bytes += envelope.data
            return code(.event, bytes, envelope.topic)
        }
        guard let fields = PersonalFields(text: envelope.personal), let masked = fields.masked(envelope.data) else {
            return nil
        }
        add(fields.paths.joined(separator: " "))
        withUnsafeBytes(of: UInt32(masked.digests.count).bigEndian) { bytes.append(contentsOf: $0) }
        bytes += masked.digests
        bytes += masked.data
        let code = code(.event, bytes, envelope.topic)
        if case .erased(_, let proof) = fields.state {
            guard proof == self.code(.erasure, code.bytes, envelope.topic) else { return nil }
        }
        return code
    }

    private func numberCode(of envelope: Envelope, _ code: EventCode) -> EventCode {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40)
        withUnsafeBytes(of: (Int64(envelope.partition).bigEndian, envelope.number.bigEndian)) {
            bytes.append(contentsOf: $0)
        }
        return self.code(.number, bytes + code.bytes, envelope.topic)
    }

    private func code(_ purpose: Purpose, _ bytes: [UInt8], _ topic: String) -> EventCode {
        EventCode(HMAC<SHA256>.authenticationCode(for: bytes + [purpose.rawValue], using: key(of: topic)))
    }
}

extension EventCodes {
    /// The code of a row that a service acts on later. Someone who has the database, but not the secret, cannot change
    /// the row unnoticed.
    /// - Parameter bytes: everything in the row that must not change, and what makes the row unique.
    package func code(ofRow bytes: [UInt8], in topic: Topic) -> [UInt8] {
        code(.row, bytes, topic.name).bytes
    }
}

// MARK: Checking

extension EventCodes {
    /// Identifies a secret without revealing it.
    package var fingerprint: [UInt8] { code(.fingerprint, [], "").bytes }

    /// Whether this is an event as it was appended, whatever its number.
    package func isWritten(_ envelope: Envelope) -> Bool {
        guard let code = envelope.code else { return acceptsMissing }
        // No constant-time comparison is needed: a stranger cannot repeat it at will and measure its time, and a wrong
        // code changes nothing, however often it comes.
        return code == self.code(of: envelope) && envelope.partition == envelope.key.partition(of: Topic.partitions)
    }

    /// Whether this is an event with a valid number.
    package func isRight(_ envelope: Envelope) -> Bool {
        guard let code = envelope.code, let numberCode = envelope.numberCode else {
            return acceptsMissing && isWritten(envelope)
        }
        return isWritten(envelope) && numberCode == self.numberCode(of: envelope, code)
    }

    /// Whether this is an event with a valid number. If not, it is refused.
    package func accepts(_ envelope: Envelope, in place: Refusal.Place = .log) -> Bool {
        if isRight(envelope) { return true }
        refuse(envelope, in: place)
        return false
    }

    /// Records something that is not an event. Logs it the first time.
    func refuse(_ envelope: Envelope, in place: Refusal.Place) {
        refusals.note(
            Refusal(
                place: place, topic: envelope.topic, partition: envelope.partition, number: envelope.number,
                id: envelope.id, name: envelope.name.beginning(60)))
    }

    /// The same for a row of a journal.
    func refuse(_ row: Numbering.Refused, of topic: Topic) {
        if let envelope = row.envelope { return refuse(envelope, in: .journal) }
        refusals.note(
            Refusal(
                place: .journal, topic: topic.name, partition: 0, number: 0,
                id: ID(high: 0, low: UInt64(bitPattern: row.position)),
                name: "a row that cannot be read"))
    }

    /// What was refused of a topic since the start, as texts.
    package func alarms(of topic: Topic) -> [String] { refusals.alarms(of: topic.name) }

    /// How many different messages and rows were refused since the start.
    package var refused: [(topic: String, count: Int)] { refusals.counts }
}
