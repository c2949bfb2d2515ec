import Composition
import Foundation
import Hosting
import SQLiteDriver
import ServiceKit
import Storage
import TestKit
import Testing
import Values
import Web

/// A folder of every version that landed is taken over by this one: the backups under `Folders`, each made by
/// `popug-dev sample` of that version.
@Suite("Upgrades")
struct UpgradeTests {
    static let place = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Folders").path
    static let versions: [String] = {
        ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).sorted()
    }()

    @Test("There is a folder of this version")
    func present() {
        #expect(
            UpgradeTests.versions.contains(Version.text), "make it with: popug-dev sample Tests/ExchangeTests/Folders")
    }

    @Test(
        "A folder of an earlier version starts, verify is clean, and everyone's money is what it was",
        arguments: versions)
    func upgrade(version: String) async throws {
        let folder = try TemporaryFolder()
        let sample = UpgradeTests.place + "/" + version
        let clock = SteppedClock(seed: 5, start: Sample.end)
        let data = folder.path + "/data"
        // Versions before 0.4.0 wrote no code.
        let manifest = try await Restore(
            file: sample + "/" + Sample.backupName, folder: data, secretFile: nil, unsigned: version < "0.4.0",
            environment: clock.environment
        ).run { _, _ in }
        #expect(manifest.version == version)
        let installation = try Installation(
            try await Settings(folder: data, flags: [:], environment: [:]), environment: clock.environment,
            quickPasswords: true)
        defer { installation.close() }
        try await Aside.run { try installation.exchange.settle() }
        #expect(try findings(installation.exchange, data) == [])
        let recorded = try JSONDecoder().decode(
            [String: JSONValue].self, from: try Data(contentsOf: URL(filePath: sample + "/" + Sample.figuresName)))
        let figures = try Sample.figures(of: installation.exchange)
        #expect(!recorded.isEmpty)
        for (name, value) in recorded { #expect(figures[name] == value, "\(name)") }
    }

    private func findings(_ exchange: Exchange, _ folder: String) throws -> [String] {
        // Consumers first, as `verify` opens them.
        let log = (LogComparison.name, try SQLiteSnapshot(path: folder + "/" + DataFolder.logName))
        let snapshots =
            try [log]
            + Services.names.reversed().map { name in
                (name, try SQLiteSnapshot(path: folder + "/" + DataFolder.database(of: name)))
            }
        defer { for snapshot in snapshots { snapshot.1.end() } }
        let services = exchange.hosts.map(\.service)
        let transactions = Dictionary(uniqueKeysWithValues: snapshots.map { ($0.0, $0.1.transaction) })
        return Verification.run(
            services: services, snapshots: Snapshots(transactions), extra: Exchange.checks(of: services)
        ).flatMap(\.problems)
    }
}
