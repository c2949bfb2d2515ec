import Foundation
import SQLiteDriver
import Synchronization
import Values
import Web

/// A small installation with always the same people, tasks and money, kept as a backup for every released version, so
/// that later versions prove that they can upgrade it. Made by the real commands under its own clock and randomness;
/// only the randomness of signing keys and ciphers differs from one time to the next.
package enum Sample {
    package static let backupName = "folder.tar.gz"
    package static let figuresName = "figures.json"
    static let password = "sample sample 2026"
    /// 2026-03-02T08:00:00Z, a Monday.
    static let begin = Instant(seconds: 1_772_438_400)
    /// When everything has happened. An installation that is started then has no day to close.
    package static let end = begin.adding(seconds: 2 * 86_400)

    /// Makes the backup and its figures in `place`, a folder that exists.
    package static func make(in place: String) async throws {
        let scratch = NSTemporaryDirectory() + "popug-sample-\(UUID().uuidString.lowercased())"
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let clock = SampleClock(begin)
        try DataFolder.create(
            scratch,
            settings: [
                "company": "Popug Inc.", "currency": "EUR", "time-zone": "Europe/Berlin", "closing-hour": "0",
                "public-address": "http://localhost:8080",
            ], environment: clock.environment)
        let settings = try await Settings(folder: scratch, flags: [:], environment: [:])
        let figures: [String: JSONValue]
        do {
            let installation = try Installation(settings, environment: clock.environment, quickPasswords: true)
            defer { installation.close() }
            try SampleStory(exchange: installation.exchange, clock: clock).tell()
            figures = try Sample.figures(of: installation.exchange)
        }
        let lock = try FolderLock(folder: scratch)
        defer { withExtendedLifetime(lock) {} }
        let source = try BackupSource(folder: scratch, withSecret: true, at: clock.now)
        defer { source.end() }
        let file = place + "/" + backupName
        unlink(file)
        _ = try BackupWriter(source, settings: settings, held: .zero).write(to: file) { _, _ in }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try (try encoder.encode(figures) + Data("\n".utf8)).write(to: URL(filePath: place + "/" + figuresName))
    }

    /// What must be the same in every later version: everyone's money and tasks, as the API returns them. Later
    /// versions may add to it; only what an older folder recorded is compared.
    package static func figures(of exchange: Exchange) throws -> [String: JSONValue] {
        func get(_ target: String) throws -> JSONValue {
            try exchange.respondLocally("GET", target, body: [], type: nil, key: nil).json()
        }
        var balances: [String: JSONValue] = [:]
        var operations: [String: JSONValue] = [:]
        for person in try get("/api/people?limit=200")["items"].list {
            guard let id = person["id"].text, let email = person["email"].text else { continue }
            let account = try get("/api/accounts/\(id)")
            balances[email] = account["balance"]
            operations[email] = account["operations"]
        }
        let tasks = try get("/api/tasks?limit=200")["items"].list
        var titles: [String: JSONValue] = [:]
        for task in tasks {
            guard let title = task["title"].text else { continue }
            titles[title] = .text("\(task["jira_id"].text ?? "-") \(task["status"].text ?? "")")
        }
        return ["balances": .object(balances), "operations": .object(operations), "tasks": .object(titles)]
    }
}

/// A clock that the sample moves, and randomness that is always the same.
final class SampleClock: Sendable {
    private let state: Mutex<(now: Instant, seed: UInt64)>
    private let ids = IDSource()

    init(_ start: Instant) {
        state = Mutex((start, 2_026))
    }

    var now: Instant { state.withLock { $0.now } }
    func set(_ instant: Instant) { state.withLock { $0.now = instant } }
    func advance(seconds: Int64) { state.withLock { $0.now = $0.now.adding(seconds: seconds) } }

    /// SplitMix64.
    private func next() -> UInt64 {
        state.withLock { state in
            state.seed &+= 0x9E37_79B9_7F4A_7C15
            var word = state.seed
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    var environment: Values.Environment {
        let random: @Sendable () -> UInt64 = { self.next() }
        return Values.Environment(
            now: { self.now }, uptime: { self.now.milliseconds }, random: random,
            newID: { self.ids.next(now: self.now, random: random) })
    }
}

/// Two days: people, tasks, completions, a reassignment, a correction, a close, and work left open.
private struct SampleStory {
    let exchange: Exchange
    let clock: SampleClock

    func tell() throws {
        let admin = try exchange.createFirstAdmin(
            name: "Ada Admin", email: "ada@popug.example", password: Sample.password)
        try hire(by: admin)
        for number in 1...24 {
            let title = number % 3 == 0 ? "POP-\(number): Sample task \(number)" : "Sample task \(number)"
            try exchange.act("POST", "/api/tasks", ["title": .text(title)], as: admin)
        }
        try exchange.settle()
        try complete(10, asks: admin)
        try exchange.act("POST", "/api/reassignments", [:], as: admin)
        try exchange.settle()
        // The first day ends and is closed.
        clock.set(Sample.end.adding(seconds: -3600))
        try exchange.settle()
        try complete(5, asks: admin)
        clock.set(Sample.end)
        try exchange.settle()
    }

    private func hire(by admin: ID) throws {
        let people = [
            ("Mia Manager", "mia", "manager"), ("Abe Accountant", "abe", "accountant"),
            ("Emma Ekström", "emma", "employee"), ("Елена Попугаева", "elena", "employee"),
            ("Oskar Nowak", "oskar", "employee"),
        ]
        for (name, account, role) in people {
            clock.advance(seconds: 60)
            try exchange.act(
                "POST", "/api/people",
                [
                    "name": .text(name), "email": .text(account + "@popug.example"), "roles": .list([.text(role)]),
                    "password": .text(Sample.password),
                ], as: admin)
        }
        try exchange.settle()
    }

    private func complete(_ count: Int, asks admin: ID) throws {
        let open = try exchange.act("GET", "/api/tasks?status=open&limit=\(count)", as: admin)["items"].list
        for task in open {
            clock.advance(seconds: 60)
            guard let id = task["id"].text, let assignee = task["assignee"].text.flatMap({ ID($0) }) else { continue }
            try exchange.act("POST", "/api/tasks/\(id)/completion", as: assignee)
        }
        try exchange.settle()
    }
}
