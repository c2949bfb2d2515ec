import Directory
import Foundation
import Hosting
import Identity
import Logging
import SQLiteDriver
import ServiceKit
import Storage
import TestKit
import Values
import Web

/// Identity on a database of its own, with one admin, asked through its endpoints.
final class IdentityFixture {
    let clock: SteppedClock
    let company: Company
    let database: any Database
    let service: IdentityService
    let entrance: Entrance
    let admin: Person
    static let secret = [UInt8](repeating: 5, count: 32)
    static let password = "correct horse battery"
    private var keys = 0

    convenience init(settings: IdentitySettings = .quick, address: String = "http://localhost:8080") throws {
        let company = Company.test(publicAddress: address)
        let (database, clock) = (try TestDatabase.fresh("identity"), SteppedClock())
        let service = IdentityService(
            company: company, secret: IdentityFixture.secret, codes: .trial, settings: settings)
        try database.migrate(for: service, now: clock.now)
        try service.prepare(database, clock.environment)
        try self.init(service, database, clock, company)
    }

    /// On a database that is ready.
    init(
        _ service: IdentityService, _ database: any Database, _ clock: SteppedClock, _ company: Company = .test()
    ) throws {
        self.clock = clock
        self.company = company
        self.database = database
        self.service = service
        let environment = clock.environment
        let hash = try service.hasher.hash(IdentityFixture.password, environment)
        let commands = service.commands
        admin = try database.write {
            try commands.create(
                name: "Anna", email: "Anna@popug.test", roles: [Role.admin], password: hash,
                CommandContext($0, environment: environment, trace: "set-up", by: nil))
        }
        let pages = try PageRenderer(
            sets: [service.pages], navigation: service.navigation, company: company)
        entrance = try Entrance(
            EndpointRunner(
                service: "identity", scope: service.scope, endpoints: service.endpoints + service.answers,
                database: database,
                context: EndpointRunner.Context(
                    environment: environment, company: company, pages: pages, secret: IdentityFixture.secret,
                    log: Logger(label: "identity", factory: { _ in SwiftLogNoOpLogHandler() }))))
    }

    func ask(
        _ method: String, _ path: String, _ json: String? = nil, token: String? = nil, key: String? = nil,
        address: String = "10.0.0.1"
    ) -> WebResponse {
        keys += 1
        var request = WebRequest(
            method, path,
            headers: .init(
                authorization: token.map { "Bearer " + $0 }, contentType: json == nil ? nil : "application/json",
                idempotencyKey: key ?? "key-\(keys)"),
            body: Array((json ?? "").utf8))
        request.address = address
        return entrance.runNow(request)
    }

    /// As the admin, over the socket of the data folder.
    func admin(_ method: String, _ path: String, _ json: String? = nil, key: String? = nil) -> WebResponse {
        keys += 1
        return entrance.runNow(
            WebRequest(
                method, path,
                headers: .init(
                    contentType: json == nil ? nil : "application/json", idempotencyKey: key ?? "key-\(keys)"),
                body: Array((json ?? "").utf8), credential: .local(admin.id)))
    }

    func signIn(
        _ email: String = "anna@popug.test", _ password: String = IdentityFixture.password, address: String = "10.0.0.1"
    ) -> WebResponse {
        ask(
            "POST", "/api/sessions", #"{"email": "\#(email)", "password": "\#(password)"}"#, address: address)
    }

    func field(_ name: String, _ response: WebResponse) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        return object?[name] as? String ?? ""
    }

    func token() throws -> String { try field("token", signIn()) }

    /// A new person's id.
    func person(_ name: String, roles: String = #""employee""#, password: String? = nil) throws -> String {
        let more = password.map { #", "password": "\#($0)""# } ?? ""
        let response = admin(
            "POST", "/api/people",
            #"{"name": "\#(name)", "email": "\#(name.lowercased())@popug.test", "roles": [\#(roles)]\#(more)}"#)
        return try field("id", response)
    }

    func events(_ name: String) throws -> [String] {
        try database.read { transaction in
            try transaction.fetch("SELECT data FROM journal WHERE name = \(name) ORDER BY position").map {
                String(decoding: try $0(0, as: [UInt8].self), as: UTF8.self)
            }
        }
    }

    /// What `verify` finds wrong.
    func problems() throws -> [String] {
        let checks = service.checks
        return try database.read { transaction in
            var report = Findings()
            for check in checks { try check.run(Snapshots(["identity": transaction]), &report) }
            return report.problems
        }
    }

    func runJobs() throws {
        for job in service.jobs {
            while case .more = try job.step(database, clock.environment) {}
        }
    }
}
