import Foundation
import Messaging
import Storage
import Values

/// A small publisher and a small consumer in one schema, for testing how events are carried. The publisher writes
/// numbered events about keys; the consumer records what it receives, and fails when told to.
package enum Trial {
    package static let topic = Topic("trial")

    /// Something happened to a key, for the `serial`th time.
    package struct Happened: Event, Codable {
        package static let topic = Trial.topic
        package static let name = "happened"
        package static let version = 1
        package let key: ID
        package let serial: Int

        package init(key: ID, serial: Int) {
            self.key = key
            self.serial = serial
        }
    }

    /// Nobody listens to it.
    package struct Murmured: Event, Codable {
        package static let topic = Trial.topic
        package static let name = "murmured"
        package static let version = 1
        package let key: ID

        package init(key: ID) { self.key = key }
    }

    package static let migrations = [
        Migration(
            1, "trial",
            [
                "CREATE TABLE applied (place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, "
                    + "key BLOB NOT NULL, serial INTEGER NOT NULL) STRICT",
                // Keys at which the consumer fails.
                "CREATE TABLE cursed (key BLOB PRIMARY KEY, serial INTEGER NOT NULL) STRICT",
                "CREATE TABLE denied (key BLOB PRIMARY KEY) STRICT",
            ])
    ]

    package struct Cursed: Error, CustomStringConvertible {
        package let description: String
    }

    /// Records each event; throws at a cursed key, after it has recorded part of its batch.
    package static let reactions = [
        Reaction(toMany: ["happened.1"], of: topic) { envelopes, transaction in
            for envelope in envelopes {
                let event = try envelope.event(Happened.self)
                try transaction.send(
                    "INSERT INTO applied (id, key, serial) VALUES (\(envelope.id), \(event.key), \(event.serial))")
                let cursed: Int? = try transaction.value("SELECT serial FROM cursed WHERE key = \(event.key)")
                if cursed == event.serial { throw Cursed(description: "serial \(event.serial) is cursed") }
            }
        }
    ]

    /// A key in a partition; different for each `index`.
    package static func key(_ index: Int) -> ID {
        ID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(index))
    }

    /// Publishes the next event of each of these keys, in one transaction.
    package static func happen(
        _ keys: [ID], serial: Int, in database: any Database, _ environment: Environment
    ) throws {
        let ids = keys.map { _ in environment.newID() }
        let now = environment.now()
        try database.write { transaction in
            try Journal(topic: topic).append(
                zip(keys, ids).map { (Happened(key: $0, serial: serial), $1) }, at: now, trace: "trial",
                in: transaction)
        }
    }

    /// What the consumer recorded, by key, in its order.
    package static func applied(in database: any Database) throws -> [ID: [Int]] {
        try database.read { transaction in
            var all: [ID: [Int]] = [:]
            for row in try transaction.fetch("SELECT key, serial FROM applied ORDER BY place") {
                all[try row(0), default: []].append(try row(1))
            }
            return all
        }
    }

    package static func curse(_ key: ID, serial: Int, in database: any Database) throws {
        try database.write { try $0.send("INSERT INTO cursed (key, serial) VALUES (\(key), \(serial))") }
    }

    package static func liftCurse(_ key: ID, in database: any Database) throws {
        try database.write { try $0.send("DELETE FROM cursed WHERE key = \(key)") }
    }
}
