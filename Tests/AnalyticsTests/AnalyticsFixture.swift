import Analytics
import Contracts
import Directory
import Foundation
import Hosting
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

/// Analytics on its own, in memory, beside an Accounting and an Identity that only write their journals; events go the
/// real way between them.
final class AnalyticsFixture: Sendable {
    private let fixture: ServiceFixture<AnalyticsService>
    var clock: SteppedClock { fixture.clock }
    var company: Company { fixture.company }
    var service: AnalyticsService { fixture.service }
    var database: any Database { fixture.database }
    var log: MemoryEventLog { fixture.log }
    var host: ServiceHost { fixture.host }
    var publishers: [ServiceHost] { fixture.publishers }
    var entrance: Entrance { fixture.entrance }
    var faults: FaultSwitch { fixture.faults }
    let accounting: any Database

    init(seed: UInt64 = 1, slice: Int = 2000) throws {
        fixture = try ServiceFixture(
            AnalyticsService.self, beside: [.accounting, .identity], clock: SteppedClock(seed: seed)
        ) { AnalyticsService(log: $0.log, slice: slice, missing: $0.missing) }
        accounting = try fixture.database(of: .accounting)
    }

    // MARK: What happens

    func person(_ name: String, _ roles: Set<String> = [Role.employee]) throws -> ID {
        try fixture.person(name, roles: roles)
    }

    /// Writes events of Accounting, in this order.
    func tell(_ events: [Told]) throws {
        let now = clock.now
        try accounting.write { transaction in
            try Journal(topic: .accounting).append(events.map(\.draft), at: now, in: transaction)
        }
    }

    /// Everything that can be done now.
    func rest() throws { try fixture.settle() }

    func step() throws -> Bool { try fixture.step() }

    // MARK: What there is

    func value<T: Storable & Sendable>(_ sql: SQL) throws -> T? { try fixture.value(sql) }

    /// What `verify` finds.
    func problems() throws -> [String] { try fixture.problems() }

    // MARK: Requests

    func get(_ target: String, as person: ID) -> WebResponse { fixture.get(target, as: person) }

    func json<T: Decodable>(_ target: String, as person: ID, _ type: T.Type = T.self) throws -> T {
        let answer = get(target, as: person)
        guard answer.status == 200 else { throw Unexpected(description: "\(target): \(answer.status) \(answer.text)") }
        return try JSONDecoder().decode(T.self, from: Data(answer.body))
    }

    @discardableResult
    func send(_ method: String, _ target: String, as person: ID, key: String = "key") -> WebResponse {
        fixture.send(method, target, as: person, key: key)
    }

    /// Sends a page's form, and returns the page that it leads to, which says what was done.
    func submit(_ target: String, as person: ID) throws -> WebResponse {
        let sent = fixture.submit(target, "", as: person)
        guard sent.status == 303, let place = sent.header("location") else {
            throw Unexpected(description: "\(target): \(sent.status) \(sent.text)")
        }
        let cookies = sent.headers.filter { $0.name == "set-cookie" }
            .compactMap { $0.value.components(separatedBy: ";").first }
        return entrance.runNow(
            WebRequest(
                "GET", place, headers: WebRequest.Headers(cookie: cookies.joined(separator: "; ")),
                credential: .local(person)))
    }
}

extension AnalyticsFixture {
    struct Unexpected: Error, CustomStringConvertible { let description: String }
}

/// An event of Accounting and its id.
struct Told: Sendable {
    let draft: Journal.Draft
    let key: ID

    init(_ event: some Event, id: ID) {
        draft = Journal.Draft(event, id: id, trace: "test")
        key = event.key
    }
}

extension Told {
    /// Analytics does not listen to it.
    var isUnheard: Bool { ["task-priced", "payout-requested"].contains(type(of: draft.event).name) }
}

/// A rebuild, as the API shows it.
struct RebuildJSON: Decodable {
    let id: ID
    let state: String
    let reached: Int
    let total: Int
    let digest_before: String?
    let digest_after: String?
}

extension AnalyticsFixture {
    /// Rebuilds, and returns when all is done.
    func rebuild(as admin: ID) throws -> RebuildJSON {
        let answer = send("POST", "/api/analytics/rebuilds", as: admin, key: clock.environment.newID().description)
        guard answer.status == 201 else { throw Unexpected(description: "\(answer.status) \(answer.text)") }
        try rest()
        return try latestRebuild(as: admin)
    }

    func latestRebuild(as admin: ID) throws -> RebuildJSON {
        let page: FigureTests.Page<RebuildJSON> = try json("/api/analytics/rebuilds", as: admin)
        return try #require(page.items.first)
    }

    /// Accounting's journal, as it was published.
    func envelopes() throws -> [Envelope] {
        try accounting.read { transaction in
            try transaction.fetch(
                "SELECT id, key, name, version, time, data, partition, number FROM journal ORDER BY position"
            ).map { row in
                Envelope(
                    id: try row(0), topic: "accounting", name: try row(2), version: try row(3), key: try row(1),
                    time: try row(4), trace: "again", data: try row(5), partition: try row(6), number: try row(7))
            }
        }
    }
}
