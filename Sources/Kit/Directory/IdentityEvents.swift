import Foundation
import Messaging
import Storage
import Values

extension Directory {
    /// The topic with the events about people.
    package static let topic = Topic("identity")

    /// The reaction that keeps a service's Directory: people, ended sessions, keys. It takes many events at once,
    /// because an import makes many.
    ///
    /// - Parameter onPeople: runs in the same transaction after the people were stored. It gets each person once, in
    ///   their current state, for what a service itself stores about people.
    package static func reactions(
        onPeople: @escaping @Sendable (_ people: [Person], _ transaction: any Transaction) throws -> Void = { _, _ in }
    ) -> [Reaction] {
        [
            Reaction(
                toMany: ["person-registered.1", "person-changed.1", "sessions-revoked.1", "keys-changed.1"], of: topic
            ) { envelopes, transaction in
                try apply(envelopes, onPeople: onPeople, in: transaction)
            }
        ]
    }

    /// Like ``reactions(onPeople:)``, but `onPerson` gets one person at a time.
    package static func reactions(
        onPerson: @escaping @Sendable (_ person: Person, _ transaction: any Transaction) throws -> Void
    ) -> [Reaction] {
        reactions(onPeople: { people, transaction in
            for person in people { try onPerson(person, transaction) }
        })
    }

    /// Applies Identity's events. Events about one person are in order, and each holds the full state, so only the last
    /// one per person is applied.
    private static func apply(
        _ envelopes: [Envelope], onPeople: ([Person], any Transaction) throws -> Void, in transaction: any Transaction
    ) throws {
        var people: [ID: Person] = [:]
        var order: [ID] = []
        var sessions: [(id: ID, until: Instant)] = []
        var keys: [Key]?
        for envelope in envelopes {
            switch envelope.name {
            case "person-registered", "person-changed":
                let person = try read(PersonData.self, of: envelope).person
                if people.updateValue(person, forKey: person.id) == nil { order.append(person.id) }
            case "sessions-revoked":
                sessions += try read(SessionsData.self, of: envelope).sessions.map { ($0.id, $0.until) }
            case "keys-changed":
                keys = try read(KeysData.self, of: envelope).keys.map { try $0.key(of: envelope) }
            default:
                throw UnreadableEvent(reason: "the Directory does not take \(envelope.type)")
            }
        }
        let put = order.compactMap { people[$0] }
        if !put.isEmpty {
            try Directory.put(put, in: transaction)
            try onPeople(put, transaction)
        }
        if !sessions.isEmpty { try revoke(sessions, in: transaction) }
        if let keys { try putKeys(keys, in: transaction) }
        try allow(envelopes.map(\.key), in: transaction)
    }

    // The shapes of Identity's events, as far as the Directory reads them. Contracts declares them, but is a higher
    // layer than this one; a test compares the two.
    private struct PersonData: Decodable {
        let person: Person
    }

    private struct SessionsData: Decodable {
        struct Session: Decodable {
            let id: ID
            let until: Instant
        }
        let sessions: [Session]
    }

    private struct KeysData: Decodable {
        struct KeyData: Decodable {
            let id: String
            let publicKey: String
            let until: Instant

            func key(of envelope: Envelope) throws -> Key {
                guard let bytes = Data(base64Encoded: publicKey), bytes.count == 65 else {
                    throw UnreadableEvent(
                        reason: "\(envelope.name) \(envelope.id): key \(id) is not 65 bytes of Base64")
                }
                return Key(id: id, publicKey: [UInt8](bytes), until: until)
            }
        }
        let keys: [KeyData]
    }

    private static func read<T: Decodable>(_ type: T.Type, of envelope: Envelope) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(envelope.data))
        } catch {
            throw UnreadableEvent(reason: "\(envelope.name) \(envelope.id): \(error)")
        }
    }
}
