import Composition
import Foundation
import SQLiteDriver
import TestKit
import Values

/// An installation in a folder of its own, with some people and tasks, made in this process; and its backup.
struct BackupFixture {
    let folder: TemporaryFolder
    let clock = SteppedClock(seed: 11)

    var data: String { folder.path + "/data" }
    var file: String { folder.path + "/backup.tar.gz" }
    var target: String { folder.path + "/restored" }

    init() async throws {
        folder = try TemporaryFolder()
        try DataFolder.create(
            data, settings: ["company": "Popug Inc.", "currency": "EUR", "time-zone": "Europe/Berlin"],
            environment: clock.environment)
        try await opened { installation in
            let exchange = installation.exchange
            _ = try exchange.createFirstAdmin(
                name: "Ada Admin", email: "ada@example.com", password: "correct horse battery")
            for number in 1...3 {
                _ = try exchange.respondLocally(
                    "POST", "/api/people",
                    body: Array(
                        "{\"name\":\"Worker \(number)\",\"email\":\"w\(number)@example.com\",\"roles\":[\"employee\"]}"
                            .utf8),
                    type: "application/json", key: "person-\(number)")
            }
            try exchange.settle()
            for number in 1...20 { try BackupFixture.task(number, exchange) }
            try exchange.settle()
        }
    }

    static func task(_ number: Int, _ exchange: Exchange) throws {
        _ = try exchange.respondLocally(
            "POST", "/api/tasks", body: Array("{\"title\":\"Task \(number)\"}".utf8), type: "application/json",
            key: "task-\(number)"
        ).json()
    }

    /// The installation of a folder, opened for as long as `body` takes.
    func opened<T>(_ path: String? = nil, _ body: (Installation) throws -> T) async throws -> T {
        let installation = try Installation(
            try await Settings(folder: path ?? data, flags: [:], environment: [:]), environment: clock.environment,
            quickPasswords: true)
        defer { installation.close() }
        return try body(installation)
    }

    @discardableResult
    func backUp(
        to path: String? = nil, withSecret: Bool = true,
        progress: (Int64, Int64) throws -> Void = { _, _ in }
    ) async throws -> BackupWriter.Result {
        let settings = try await Settings(folder: data, flags: [:], environment: [:])
        let source = try BackupSource(folder: data, withSecret: withSecret, at: clock.now)
        defer { source.end() }
        return try BackupWriter(source, settings: settings, held: .zero).write(to: path ?? file, progress: progress)
    }

    func restore(
        from path: String? = nil, to folder: String? = nil, secretFile: String? = nil, unsigned: Bool = false
    ) async throws -> BackupManifest {
        try await Restore(
            file: path ?? file, folder: folder ?? target, secretFile: secretFile, unsigned: unsigned,
            environment: clock.environment
        ).run { _, _ in }
    }

    /// What lies in the fixture's folder, without the data itself.
    func left() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 != "data" }.sorted()
    }

    func tasks(in path: String) async throws -> Int {
        try await opened(path) { installation in
            try installation.exchange.respondLocally("GET", "/api/tasks?limit=200", body: [], type: nil, key: nil)
                .json()["items"].list.count
        }
    }
}
