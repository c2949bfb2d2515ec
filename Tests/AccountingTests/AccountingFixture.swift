import Accounting
import Contracts
import Directory
import Foundation
import Hosting
import Ledger
import Logging
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Accounting on its own, beside a Tracker, an Identity and a Payouts that only write their journals.
final class AccountingFixture: Sendable {
    private let fixture: ServiceFixture<AccountingService>
    var clock: SteppedClock { fixture.clock }
    var company: Company { fixture.company }
    var service: AccountingService { fixture.service }
    var database: any Database { fixture.database }
    var host: ServiceHost { fixture.host }
    var publishers: [ServiceHost] { fixture.publishers }
    var entrance: Entrance { fixture.entrance }
    var faults: FaultSwitch { fixture.faults }
    let tracker: any Database
    let payouts: any Database
    /// A task's name, as the Tracker would have it.
    let titles = Mutex<[ID: String]>([:])
    static let secret = Array("a secret of thirty-two bytes, ok".utf8)

    init(
        seed: UInt64 = 1, zone: String = "Europe/Berlin", closingHour: Int = 0, start: Instant? = nil,
        ranges: PriceRanges = .standard
    ) throws {
        fixture = try ServiceFixture(
            AccountingService.self, beside: [.tracker, .identity, .payouts],
            clock: start.map { SteppedClock(seed: seed, start: $0) } ?? SteppedClock(seed: seed),
            company: .test(zone: zone, closingHour: closingHour), secret: AccountingFixture.secret
        ) { parts in
            AccountingService(
                company: parts.company, secret: parts.secret, codes: parts.codes, ranges: ranges,
                environment: parts.environment)
        }
        tracker = try fixture.database(of: .tracker)
        payouts = try fixture.database(of: .payouts)
    }

    // MARK: What happens

    func person(_ name: String = "Ada", roles: Set<String> = [Role.employee], active: Bool = true) throws -> ID {
        try fixture.person(name, roles: roles, active: active)
    }

    @discardableResult
    func tell(_ event: some Event, id: ID? = nil) throws -> ID { try fixture.publish(event, id: id) }

    func create(_ assignee: ID, title: String = "Feed the cat", jiraID: String? = nil) throws -> ID {
        let task = clock.environment.newID()
        titles.withLock { $0[task] = title }
        try tell(
            TaskCreated(
                task: task, title: title, jiraID: jiraID, description: nil, assignee: assignee, creator: assignee,
                time: clock.now))
        return task
    }

    func reassign(_ task: ID, from old: ID, to new: ID) throws {
        try tell(
            TaskReassigned(
                task: task, title: titles.withLock { $0[task] } ?? "", jiraID: nil, oldAssignee: old, newAssignee: new,
                reassignment: clock.environment.newID(), time: clock.now))
    }

    func complete(_ task: ID, by assignee: ID) throws {
        try tell(
            TaskCompleted(
                task: task, title: titles.withLock { $0[task] } ?? "", jiraID: nil, assignee: assignee, time: clock.now)
        )
    }

    /// Everything that can be done now.
    func rest() throws { try fixture.settle() }

    // MARK: What there is

    func account(_ id: ID) throws -> Ledger.Account {
        try #require(try database.read { try Ledger.account(id, in: $0) })
    }

    func balance(_ id: ID) throws -> Cents { try account(id).balance }

    func value<T: Storable & Sendable>(_ sql: SQL) throws -> T? { try fixture.value(sql) }

    func openDay() throws -> Day { try #require(try value("SELECT day FROM open_day")) }

    /// The events of one type in the order in which Accounting wrote them.
    func events<E: Event>(_ type: E.Type = E.self) throws -> [E] { try fixture.events(type) }

    /// What the list of changes by hand shows, the oldest first.
    func changesByHand() throws -> [AuditEntry] { try fixture.changesByHand() }

    /// What `verify` finds.
    func problems() throws -> [String] { try fixture.problems() }

    // MARK: Requests

    func get(_ target: String, as person: ID) -> WebResponse { fixture.get(target, as: person) }

    func post(_ target: String, _ json: String, as person: ID, key: String = "k1") -> WebResponse {
        fixture.send("POST", target, json, as: person, key: key)
    }

    func submit(_ target: String, _ form: String, as person: ID, once: String = "once-1") -> WebResponse {
        fixture.submit(target, form, as: person, once: once)
    }

    /// What a form's answer has the next page say, as JSON; `nil` where that is nothing.
    func said(_ response: WebResponse) -> String? {
        let cookies = response.headers.filter { $0.name == "set-cookie" }.map { $0.value }
        guard let cookie = cookies.first(where: { $0.contains("popug_said=") }),
            let value = cookie.split(separator: "=", maxSplits: 1).last?.prefix(while: { $0 != "." }),
            let bytes = Base64URL.decode(value)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Instant {
    /// A moment that is written out in a test.
    init(at text: String) throws {
        self = try #require(Instant(text))
    }
}
