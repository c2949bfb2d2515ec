import Directory
import Foundation
import Hosting
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Synchronization
import TestKit
import Testing
import Values

@Suite("Messaging: Directory")
struct MessagingDirectoryTests {
    let clock = SteppedClock()
    let log = MemoryEventLog()
    let identity: SQLiteDatabase
    let service: SQLiteDatabase

    init() throws {
        identity = try SQLiteDatabase.inline(name: "identity")
        service = try SQLiteDatabase.inline(name: "service")
        for database in [identity, service] {
            try database.migrate([], kit: KitSchema.migrations(Journal(topic: Trial.topic)), now: clock.now)
        }
    }

    private func person(_ index: Int, roles: Set<String> = [Role.employee], active: Bool = true) -> Person {
        Person(
            id: Trial.key(index), name: "Popug \(index)", email: "p\(index)@popug.test", roles: roles, active: active)
    }

    private func publish(_ events: any Event...) throws {
        for event in events { try publish(one: event) }
    }

    private func publish<E: Event>(one event: E) throws {
        let (id, now) = (clock.environment.newID(), clock.now)
        try identity.write {
            try Journal(topic: .identity).append(event, id: id, at: now, trace: "", in: $0)
        }
    }

    private func settle(_ reactions: [Reaction] = Directory.reactions()) throws {
        let relay = Relay(
            journal: Journal(topic: .identity), database: identity, log: log, environment: clock.environment,
            owner: .embedded)
        let subscription = Subscription(
            service: "service", topic: .identity, reactions: reactions, database: service, log: log,
            environment: clock.environment, owner: .embedded,
            onParked: { try Directory.deny($0.key, in: $1) })
        while true {
            let relayed = try relay.step()
            let applied = try subscription.step()
            let retried = try subscription.retryParked()
            if relayed != .more && applied != .more && retried != .more { return }
        }
    }

    @Test("X5, X50: people, ended sessions and keys arrive")
    func arrive() throws {
        let told = Mutex<[Person]>([])
        let until = clock.now.adding(seconds: 900)
        try publish(
            PersonRegistered(person: person(1)), PersonRegistered(person: person(2)),
            PersonChanged(person: person(1, roles: [Role.admin, Role.boss])),
            SessionsRevoked(person: Trial.key(1), sessions: [.init(id: Trial.key(50), until: until)]),
            KeysChanged(
                installation: Trial.key(60),
                keys: [.init(id: "k1", publicKey: Data(repeating: 4, count: 65).base64EncodedString(), until: until)]))
        try settle(Directory.reactions(onPerson: { person, _ in told.withLock { $0.append(person) } }))
        try service.read { transaction throws -> Void in
            #expect(try Directory.person(Trial.key(1), in: transaction)?.roles == [Role.admin, Role.boss])
            #expect(try Directory.people(limit: 10, in: transaction).map(\.id) == [Trial.key(1), Trial.key(2)])
            #expect(try Directory.isRevoked(session: Trial.key(50), in: transaction))
            #expect(try !Directory.isRevoked(session: Trial.key(51), in: transaction))
            #expect(try Directory.keys(in: transaction).map(\.id) == ["k1"])
        }
        #expect(Set(told.withLock { $0 }.map(\.id)) == [Trial.key(1), Trial.key(2)])
        try publish(KeysChanged(installation: Trial.key(60), keys: []))
        try settle()
        #expect(try service.read { try Directory.keys(in: $0) }.isEmpty)
    }

    /// A change of a person that does not say who it is.
    private struct Nobody: Event, Codable {
        static let topic = Topic.identity
        static let name = PersonChanged.name
        static let version = PersonChanged.version
        let key: ID
    }

    @Test("An event that cannot be read is parked, and its error names it; a key has 65 bytes")
    func unreadable() throws {
        let short = Data(repeating: 4, count: 64).base64EncodedString()
        try publish(
            Nobody(key: Trial.key(1)),
            KeysChanged(installation: Trial.key(60), keys: [.init(id: "k1", publicKey: short, until: clock.now)]))
        try settle()
        let parked = try service.read { try Parked.list(limit: 10, in: $0) }
        #expect(parked.count == 2)
        for event in parked {
            let what = "unreadable event: \(event.envelope.name) \(event.envelope.id): "
            #expect(event.error.hasPrefix(what), "\(event.error)")
            let isKey = event.envelope.name == KeysChanged.name
            let reason = isKey ? "key k1 is not 65 bytes of Base64" : "person is missing"
            #expect(event.error.contains(reason), "\(event.error)")
        }
        #expect(try service.read { try Directory.keys(in: $0) }.isEmpty)
    }

    @Test("X7: an Identity event that had to be parked denies that person until it is applied")
    func denied() throws {
        struct Refused: Error {}
        let refusing = Directory.reactions(onPerson: { person, _ in
            if person.id == Trial.key(1) && !person.active { throw Refused() }
        })
        try publish(PersonRegistered(person: person(1)), PersonRegistered(person: person(2)))
        try publish(PersonChanged(person: person(1, active: false)))
        try settle(refusing)
        try publish(PersonChanged(person: person(1)))
        try settle(refusing)
        try service.read { transaction throws -> Void in
            #expect(try Directory.isDenied(Trial.key(1), in: transaction))
            #expect(try !Directory.isDenied(Trial.key(2), in: transaction))
            let standing = try Directory.standing(of: Trial.key(1), session: nil, in: transaction)
            #expect(standing?.denied == true)
        }
        clock.advance(seconds: 1)
        try settle()
        try service.read { transaction throws -> Void in
            #expect(try !Directory.isDenied(Trial.key(1), in: transaction))
            #expect(try Directory.person(Trial.key(1), in: transaction)?.active == true)
        }
    }

    @Test(
        "People are found by the beginnings of their names' words, whatever the case and the accents, after a change too"
    )
    func named() throws {
        let names = ["Émile Zola", "Emma Ekström", "Семён Ёлкин", "Emma-Lou Zoë", "Anna Annabel"]
        for (number, name) in names.enumerated() {
            var one = person(number)
            one.name = name
            try publish(PersonRegistered(person: one))
        }
        try settle()
        func found(_ text: String) throws -> [String] {
            try service.read { try Directory.named(text, limit: 10, in: $0) }.map(\.name)
        }
        #expect(try found("em") == ["Émile Zola", "Emma Ekström", "Emma-Lou Zoë"])
        #expect(try found("EMMA ek") == ["Emma Ekström"])
        #expect(try found("елк семен") == ["Семён Ёлкин"])
        #expect(try found("ann") == ["Anna Annabel"])
        #expect(try found("  ") == [] && found("nobody") == [] && found("%") == [])
        var renamed = person(1)
        renamed.name = "Olga Ode"
        try publish(PersonChanged(person: renamed))
        try settle()
        #expect(try found("emma") == ["Emma-Lou Zoë"] && found("ol od") == ["Olga Ode"])
    }

    @Test("Many people arrive together, and are listed with a cursor")
    func many() throws {
        let people = (0..<700).map { person($0) }
        for person in people { try publish(PersonRegistered(person: person)) }
        try settle()
        var listed: [Person] = []
        while case let page = try service.read({ [last = listed.last] in
            try Directory.people(after: last?.id, limit: 100, in: $0)
        }), !page.isEmpty { listed += page }
        #expect(listed.count == 700)
        #expect(listed.map(\.id) == listed.map(\.id).sorted())
        #expect(try service.read { try Directory.people((0..<500).map(Trial.key), in: $0) }.count == 500)
    }

    @Test("Ended sessions are forgotten when their tokens have expired by themselves")
    func forgets() throws {
        let now = clock.now
        try service.write { transaction in
            try Directory.revoke(
                [(Trial.key(1), now.adding(seconds: -1)), (Trial.key(2), now.adding(seconds: 1))], in: transaction)
            #expect(try Directory.hasExpired(before: now, in: transaction))
            #expect(try Directory.forgetRevoked(before: now, limit: 10, in: transaction) == 1)
            #expect(try !Directory.hasExpired(before: now, in: transaction))
            #expect(try Directory.isRevoked(session: Trial.key(2), in: transaction))
        }
    }
}
