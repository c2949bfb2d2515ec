import Foundation
import Messaging
import Storage
import Values

extension Directory {
    /// The events that it takes, in every version.
    private static let events = PersonRegistered.types.union(PersonChanged.types)
        .union(SessionsRevoked.types).union(KeysChanged.types)

    /// The reaction that keeps a service's Directory: people, ended sessions, keys. It takes many events at once,
    /// because an import makes many.
    ///
    /// - Parameter onPeople: runs in the same transaction after the people were stored. It gets each person once, in
    ///   their current state, for what a service itself stores about people.
    package static func reactions(
        onPeople: @escaping @Sendable (_ people: [Person], _ transaction: any Transaction) throws -> Void = { _, _ in }
    ) -> [Reaction] {
        [
            Reaction(toMany: events, of: .identity) { envelopes, transaction in
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
        func take(_ person: Person) {
            if people.updateValue(person, forKey: person.id) == nil { order.append(person.id) }
        }
        for envelope in envelopes {
            switch envelope.name {
            case PersonRegistered.name: take(try envelope.event(PersonRegistered.self).person)
            case PersonChanged.name: take(try envelope.event(PersonChanged.self).person)
            case SessionsRevoked.name:
                sessions += try envelope.event(SessionsRevoked.self).sessions.map { ($0.id, $0.until) }
            case KeysChanged.name:
                keys = try envelope.event(KeysChanged.self).keys.map { try key($0, of: envelope) }
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

    /// A key as it is stored. The event's shape says only that it is a text.
    private static func key(_ told: KeysChanged.Key, of envelope: Envelope) throws -> Key {
        guard let bytes = Data(base64Encoded: told.publicKey), bytes.count == 65 else {
            throw UnreadableEvent(reason: "\(envelope.name) \(envelope.id): key \(told.id) is not 65 bytes of Base64")
        }
        return Key(id: told.id, publicKey: [UInt8](bytes), until: told.until)
    }
}
