import Composition
import Contracts
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import Schemas
import ServiceKit
import Storage
import TestKit
import TestTraits
import Testing
import Values

@Suite("X60: codes of events")
struct EventCodeTests {
    private let codes = EventCodes.trial
    private let person = Person(
        id: Trial.key(3), name: "Emma \"E\" Ünal", email: "emma@popug.test", roles: [Role.employee], active: true)

    private func told(_ person: Person) throws -> Envelope {
        Envelope(
            id: ID(high: 1, low: 2), topic: "identity", name: PersonChanged.name, version: 1, key: person.id,
            time: Instant(milliseconds: 5), trace: "trace",
            data: PersonChanged(person: person).data(),
            partition: person.id.partition(of: Topic.partitions), number: 7
        ).coded
    }

    private func with(
        _ envelope: Envelope, id: ID? = nil, topic: String? = nil, name: String? = nil, version: Int? = nil,
        key: ID? = nil, time: Instant? = nil, trace: String? = nil, data: [UInt8]? = nil, partition: Int? = nil,
        number: Int64? = nil, personal: String? = nil
    ) -> Envelope {
        var other = Envelope(
            id: id ?? envelope.id, topic: topic ?? envelope.topic, name: name ?? envelope.name,
            version: version ?? envelope.version, key: key ?? envelope.key, time: time ?? envelope.time,
            trace: trace ?? envelope.trace, data: data ?? envelope.data, partition: partition ?? envelope.partition,
            number: number ?? envelope.number)
        other.code = envelope.code
        other.numberCode = envelope.numberCode
        other.personal = personal ?? envelope.personal
        return other
    }

    @Test("Every attribute is in the code")
    func attributes() throws {
        let right = try told(person)
        #expect(codes.isRight(right))
        let key = Trial.key(3 + 16)
        let data = Array(String(decoding: right.data, as: UTF8.self).replacing("employee", with: "admin").utf8)
        let name = Array(String(decoding: right.data, as: UTF8.self).replacing("emma@", with: "eve@").utf8)
        let wrong = [
            with(right, id: ID(high: 1, low: 3)), with(right, topic: "tracker"), with(right, name: "person-registered"),
            with(right, version: 2), with(right, key: key), with(right, time: Instant(milliseconds: 6)),
            with(right, trace: "trade"), with(right, data: data), with(right, data: name), with(right, partition: 4),
            with(right, number: 8), with(right, personal: ""), with(right, personal: right.personal + "00"),
            with(right, personal: right.personal.replacing("person.name ", with: "")),
        ]
        for envelope in wrong { #expect(!codes.isRight(envelope), "\(envelope)") }
        #expect(!EventCodes.trial(acceptsMissing: true, secret: [UInt8](repeating: 1, count: 32)).isRight(right))
    }

    @Test("As much of a trace is in the code as every log carries")
    func traces() throws {
        let long = String(repeating: "я", count: 200)
        let right = codes.numbered(codes.written(with(try told(person), trace: long)))
        #expect(codes.isRight(with(right, trace: long.beginning(bytes: 250))))
        #expect(long.beginning(bytes: 250).utf8.count == 250)
        #expect(long.beginning(bytes: 249).utf8.count == 248)
        #expect(!codes.isRight(with(right, trace: long.beginning(bytes: 248))))
    }

    @Test("S71: personal fields are emptied, the codes stay true, and nobody can try out what stood there")
    func erasing() throws {
        let right = try told(person)
        #expect(Services.personalFields["person-changed.1"] == ["person.name", "person.email"])
        let erased = try codes.erased(right)
        #expect(codes.isRight(erased))
        #expect(erased.code == right.code && erased.numberCode == right.numberCode)
        let event = try erased.event(PersonChanged.self)
        #expect(event.person.name.isEmpty && event.person.email.isEmpty && event.person.id == person.id)
        #expect(event.person.roles == person.roles)
        // The salt is gone.
        let salt = try #require(right.personal.split(separator: " ").last)
        #expect(!erased.personal.contains(salt))
        #expect(try codes.erased(erased) == erased)
        // Nothing else can be put there, and nobody without the secret can empty it.
        let other = Array(
            String(decoding: erased.data, as: UTF8.self).replacing("\"name\":\"\"", with: "\"name\":\"Eve\"").utf8)
        #expect(!codes.isRight(with(erased, data: other)))
        let proof = String(erased.personal.dropLast(32)) + String(repeating: "0", count: 32)
        #expect(!codes.isRight(with(erased, personal: proof)))
    }

    @Test("What is personal may stand in lists and be missing")
    func lists() throws {
        let codes = EventCodes(
            secret: TestExchange.secret, personal: ["noted.1": ["notes[].text", "by", "tags[]"]], random: { 7 },
            logger: .init(label: "test"))
        func envelope(_ data: String) -> Envelope {
            codes.given(
                to: Envelope(
                    id: ID(high: 1, low: 2), topic: "t", name: "noted", version: 1, key: ID(high: 0, low: 16),
                    time: Instant(milliseconds: 1), trace: "", data: Array(data.utf8), partition: 0, number: 1))
        }
        let right = envelope(
            #"{ "notes": [ {"text":"a","n":1}, {"n":2}, {"text":"b"} ], "tags":["x", "y"], "kept":"c"}"#)
        #expect(codes.isRight(right))
        let erased = try codes.erased(right)
        #expect(
            String(decoding: erased.data, as: UTF8.self)
                == #"{ "notes": [ {"text":"","n":1}, {"n":2}, {"text":""} ], "tags":["", ""], "kept":"c"}"#)
        #expect(codes.isRight(erased))
        for data in ["{}", "[]", "", "{\"by\":", "{\"by\":null}"] { #expect(codes.isRight(envelope(data)), "\(data)") }
    }

    @Test("What was refused is an alarm, counted once however often it is met")
    func alarms() throws {
        let codes = EventCodes.trial(acceptsMissing: false)
        let right = try told(person)
        #expect(codes.alarms(of: .identity).isEmpty)
        let wrong = with(right, number: 8)
        for _ in 0..<3 { #expect(codes.accepts(right) && !codes.accepts(wrong)) }
        #expect(codes.alarms(of: .identity).count == 1)
        #expect(codes.refused.map(\.count) == [1])
        #expect(codes.alarms(of: .tracker).isEmpty)
    }
}

@Suite("X60: planted and changed events", .onEachDatabase)
struct PlantedEventTests {
    private let codes = EventCodes.trial(acceptsMissing: false)
    private let log: MemoryEventLog
    private let world: TrialWorld

    init() throws {
        log = MemoryEventLog(codes: codes)
        world = try TrialWorld(
            publisher: RehearsedDatabase(TestDatabase.fresh("publisher")),
            consumer: RehearsedDatabase(TestDatabase.fresh("consumer")), log: log)
    }

    /// As whoever has the database, and not the secret, would write it.
    private func plant(_ count: Int, code: [UInt8]?) throws {
        let (ids, now) = ((0..<count).map { _ in world.environment.newID() }, world.clock.now)
        try world.publisher.write { transaction in
            for id in ids {
                try transaction.send(
                    """
                    INSERT INTO journal (id, key, partition, name, version, time, trace, data, code)
                    VALUES (\(id), \(Trial.key(1)), 1, 'happened', 1, \(now), 'x',
                        \(Array("{\"key\":\"\(Trial.key(1))\",\"serial\":99}".utf8)), \(code.stored))
                    """)
            }
        }
    }

    @Test(
        "A row planted in a journal is not relayed, however many there are; the true ones before and behind get through"
    )
    func planted() throws {
        let (relay, subscription) = (world.relay(), world.subscription())
        try world.happen([Trial.key(1)], serial: 1)
        try plant(Relay.batch + 5, code: nil)
        try plant(2, code: [UInt8](repeating: 3, count: 16))
        try world.happen([Trial.key(1)], serial: 2)
        try world.settle(relay, subscription)
        #expect(try Trial.applied(in: world.consumer) == [Trial.key(1): [1, 2]])
        #expect(log.contents(of: Trial.topic).map(\.number) == [1, 2])
        #expect(codes.refused.map(\.count) == [Relay.batch + 7])
        try world.happen([Trial.key(1)], serial: 3)
        try world.settle(world.relay(), subscription)
        #expect(try Trial.applied(in: world.consumer) == [Trial.key(1): [1, 2, 3]])
    }

    @Test("What cannot even be read as an event, or stands where nobody counts, holds nobody up")
    func malformed() throws {
        let (relay, subscription) = (world.relay(), world.subscription())
        try world.happen([Trial.key(1)], serial: 1)
        try world.publisher.write { transaction in
            for position in [Int64.min, -7, 0, 900] {
                try transaction.send(
                    """
                    INSERT INTO journal (position, id, key, partition, name, version, time, trace, data, code)
                    VALUES (\(position), \([UInt8](repeating: UInt8(truncatingIfNeeded: position), count: 3)),
                        \(Trial.key(1)), 1, 'happened', 1, 0, 'x', \([UInt8]("{}".utf8)), \([UInt8](repeating: 1, count: 5)))
                    """)
            }
        }
        try world.happen([Trial.key(1)], serial: 2)
        try world.settle(relay, subscription)
        #expect(try Trial.applied(in: world.consumer) == [Trial.key(1): [1, 2]])
        #expect(codes.refused.map(\.count) == [4])
    }

    @Test("Another secret than the one that codes were made with is refused before it does anything")
    func foreignSecret() throws {
        let (mine, other) = (
            Journal(topic: Trial.topic),
            Journal(topic: Trial.topic, codes: .trial(acceptsMissing: false, secret: [UInt8](repeating: 9, count: 32)))
        )
        for _ in 0..<2 { try world.publisher.write { try mine.expectKey(in: $0) } }
        #expect(throws: ForeignCodes.self) { try world.publisher.write { try other.expectKey(in: $0) } }
    }

    @Test("An event that was changed after it was numbered is not published again; the other partitions are")
    func changed() throws {
        for serial in 1...4 { try world.happen([Trial.key(1), Trial.key(2)], serial: serial) }
        try world.settle(world.relay(), world.subscription())
        try world.publisher.write {
            try $0.send("UPDATE journal SET data = \(Array("{}".utf8)) WHERE partition = 1 AND number = 3")
        }
        log.lose()
        let relay = world.relay()
        while try relay.step() == .more {}
        let left = log.contents(of: Trial.topic)
        #expect(left.filter { $0.partition == 1 }.map(\.number) == [1, 2])
        #expect(left.filter { $0.partition == 2 }.map(\.number) == [1, 2, 3, 4])
        #expect(codes.refused.map(\.count) == [1])
        // Whoever is past it goes on.
        try world.happen([Trial.key(1)], serial: 5)
        while try relay.step() == .more {}
        #expect(log.contents(of: Trial.topic).filter { $0.partition == 1 }.map(\.number) == [1, 2, 5])
    }

    @Test("A parked event that somebody has written or changed is not applied, and says why")
    func parked() throws {
        let (relay, subscription) = (world.relay(), world.subscription())
        try Trial.curse(Trial.key(1), serial: 1, in: world.consumer)
        try world.happen([Trial.key(1)], serial: 1)
        try world.settle(relay, subscription)
        try Trial.liftCurse(Trial.key(1), in: world.consumer)
        try world.consumer.write {
            try $0.send(
                "UPDATE parked SET data = \(Array("{\"key\":\"\(Trial.key(1))\",\"serial\":50}".utf8))")
        }
        world.clock.advance(seconds: 5)
        try world.settle(relay, subscription)
        #expect(try Trial.applied(in: world.consumer).isEmpty)
        let parked = try world.consumer.read { try Parked.list(limit: 10, in: $0) }
        #expect(parked.first?.error.contains("no right code") == true)
        #expect(codes.refused.map(\.count) == [1])
    }
}

@Suite("X60: events from before there were codes", .onEachDatabase)
struct CodelessEventTests {
    private let topic = Trial.topic

    /// A database as a version without codes has left it: numbered events, some that are not, and a parked one.
    private func old(_ name: String) throws -> any Database {
        let database = try TestDatabase.fresh(name)
        let kit = KitSchema.migrations(Journal(topic: topic))
        try database.migrate(Trial.migrations, kit: Array(kit.prefix(1)), now: Instant(milliseconds: 0))
        try database.write { transaction in
            for number in Int64(1)...1500 {
                try write(number <= 1200 ? number : nil, serial: Int(number), in: transaction)
            }
            try transaction.send(
                "INSERT INTO journal_cursor (partition, numbered, published) VALUES (1, 1200, 1200)")
            try transaction.send(
                """
                INSERT INTO parked (topic, partition, number, id, key, name, version, time, trace, data, error, parked_at)
                VALUES (\(topic.name), 1, 5, \(ID(high: 9, low: 5)), \(Trial.key(1)), 'happened', 1, 5, 'old',
                    \(data(5)), 'cursed', 6)
                """)
            try transaction.send(
                "INSERT INTO parked_key (topic, key, partition, tries, next_try) VALUES (\(topic.name), \(Trial.key(1)), 1, 1, 7)"
            )
        }
        return database
    }

    private func data(_ serial: Int) -> [UInt8] { Array("{\"key\":\"\(Trial.key(1))\",\"serial\":\(serial)}".utf8) }

    private func write(_ number: Int64?, serial: Int, in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO journal (id, key, partition, number, name, version, time, trace, data)
            VALUES (\(ID(high: 9, low: UInt64(serial))), \(Trial.key(1)), 1, \(number.stored), 'happened', 1, 5, 'old',
                \(data(serial)))
            """)
    }

    private func events(in database: any Database) throws -> [Envelope] {
        try database.read { transaction in
            try transaction.fetch("SELECT \(Envelope.journalColumns) FROM journal ORDER BY position").map {
                try Envelope(journalRow: $0, topic: topic)
            }
        }
    }

    @Test(
        "The kit's step gives all of them their codes, and keeps their numbers; afterwards none without one is relayed")
    func upgrade() throws {
        let database = try old("trial")
        let world = try TrialWorld(publisher: database, consumer: TestDatabase.fresh("consumer"), log: MemoryEventLog())
        let events = try events(in: database)
        #expect(events.map(\.number) == Array(1...1200) + [Int64](repeating: 0, count: 300))
        #expect(events.prefix(1200).allSatisfy(EventCodes.trial.isRight))
        #expect(events.allSatisfy(EventCodes.trial.isWritten))
        let parked = try database.read { try Parked.list(limit: 10, in: $0) }
        #expect(parked.allSatisfy { EventCodes.trial.isRight($0.envelope) } && parked.count == 1)
        try database.write { try write(nil, serial: 1501, in: $0) }
        try world.settle(world.relay(), world.subscription())
        #expect(try Trial.applied(in: world.consumer)[Trial.key(1)] == Array(1...1500))
    }

    @Test(
        "While older processes run, what they append, number and publish without codes is taken, and gets codes later")
    func beside() throws {
        let database = try old("trial")
        let codes = EventCodes.trial(acceptsMissing: true)
        let log = MemoryEventLog(codes: codes)
        let world = try TrialWorld(publisher: database, consumer: TestDatabase.fresh("consumer"), log: log)
        func relay(_ codes: EventCodes) -> Relay {
            Relay(
                journal: Journal(topic: topic, codes: codes), database: database, log: log,
                environment: world.environment, owner: .embedded)
        }
        // Refused by a process to which it was not allowed.
        try database.write { try write(nil, serial: 1501, in: $0) }
        let strict = relay(.trial)
        while try strict.step() == .more {}
        let refused: Int? = try database.read { try $0.value("SELECT COUNT(*) FROM journal WHERE refused = 1") }
        #expect(refused == 1)
        // An older relay numbers what is there and publishes it.
        let bare = try events(in: database).filter { $0.number > 0 }.map { envelope in
            var bare = envelope
            bare.code = nil
            bare.numberCode = nil
            return bare
        }
        log.lose()
        try log.publish(Array(bare.prefix(700)), to: topic)
        try database.write { transaction in
            try write(nil, serial: 1502, in: transaction)
            try transaction.send("UPDATE journal SET number_code = NULL WHERE number > 1400")
        }
        let relay = relay(codes)
        try world.settle(relay, world.subscription())
        #expect(try Trial.applied(in: world.consumer)[Trial.key(1)]?.sorted() == Array(1...1502))
        #expect(try events(in: database).allSatisfy(EventCodes.trial.isRight))
    }
}
