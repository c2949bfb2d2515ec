import ArgumentParser
import Foundation
import Hosting
import PostgreSQLDriver
import SQLiteDriver
import ServiceKit
import Storage
import Values

struct VerifyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every invariant over all services' data, running or stopped.",
        discussion: """
            The files whole, each transaction balanced, the ledger zero in sum, chains and seals, each assignment charged once, each \
            completion rewarded once, journals and checkpoints coherent, read models equal to their sources. Exit code \
            1 with what and where on any finding.
            """)

    @OptionGroup var options: FolderOptions

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(options)
            let cluster = try settings.cluster()
            let outcomes = try cluster.map { try VerifyVerb.verify(settings, $0) } ?? VerifyVerb.verifyFolder(settings)
            for outcome in outcomes {
                let counts = outcome.counts.map { "\($0.count) \($0.what)" }.joined(separator: ", ")
                let mark = outcome.found == 0 ? "ok   " : "WRONG"
                Terminal.say("\(mark)  \(outcome.service): \(outcome.check)\(counts.isEmpty ? "" : " (\(counts))")")
                for problem in outcome.problems { Terminal.say("       \(problem)") }
                if outcome.found > outcome.problems.count {
                    Terminal.say("       and \(outcome.found - outcome.problems.count) more")
                }
            }
            let found = outcomes.reduce(0) { $0 + $1.found }
            guard found == 0 else {
                let findings = Terminal.count(Int64(found), "finding", "findings")
                throw Failure(.refused, "\(findings) in \(cluster == nil ? settings.folder : "the databases")")
            }
            Terminal.say("Everything holds: \(outcomes.count) checks.")
        }
    }

    /// How often the snapshots are opened again until they fit together.
    private static let tries = 50

    /// Checks the files themselves first: the content of a damaged file proves nothing.
    private static func verifyFolder(_ settings: Settings) throws -> [Verification.Outcome] {
        let files = try Verification.files(in: settings.folder)
        return files.contains { $0.found > 0 } ? files : files + (try verify(settings))
    }

    private static func services(_ settings: Settings) throws -> [any Service] {
        let environment = Environment.live()
        let log = NoLog(codes: try Installation.codes(settings, environment: environment))
        return try Exchange.services(Installation.parts(settings, log: log, environment: environment))
    }

    /// Opens the databases read-only and their snapshots, consumers first, then producers, until everything that a
    /// consumer has applied is in its producer's snapshot.
    private static func verify(_ settings: Settings) throws -> [Verification.Outcome] {
        let services = try services(settings)
        var ends: [@Sendable () -> Void] = []
        var databases: [(name: String, database: SQLiteDatabase)] = []
        defer {
            for end in ends { end() }
            for (_, database) in databases { database.close() }
        }
        for name in Services.names.reversed() {
            let path = settings.folder + "/" + DataFolder.database(of: name)
            guard try TextFile.exists(path) else {
                throw Failure(.unavailable, "\(path) is missing: start the server once, or restore it")
            }
            databases.append((name, try SQLiteDatabase(path: path, name: name, readers: 1)))
        }
        var snapshots = Snapshots([:])
        let logPath = settings.folder + "/" + DataFolder.logName
        for _ in 0..<tries {
            for end in ends { end() }
            ends = []
            var transactions: [String: any Transaction] = [:]
            // Opened before its publishers: everything that it holds is in their journals by then.
            if try TextFile.exists(logPath) {
                let snapshot = try SQLiteSnapshot(path: logPath)
                ends.append(snapshot.end)
                transactions[LogComparison.name] = snapshot.transaction
            }
            for (name, database) in databases {
                let snapshot = try database.snapshot()
                ends.append(snapshot.end)
                transactions[name] = snapshot.transaction
            }
            snapshots = Snapshots(transactions)
            if try Verification.isCut(services, snapshots) { break }
        }
        return check(services, snapshots)
    }

    /// The same over the services' PostgreSQL databases, while processes work.
    private static func verify(_ settings: Settings, _ cluster: ClusterSettings) throws -> [Verification.Outcome] {
        let services = try services(settings)
        for _ in 0..<tries {
            var held: [PostgreSQLSnapshot] = []
            defer { for snapshot in held { snapshot.end() } }
            var transactions: [String: any Transaction] = [:]
            for name in Services.names.reversed() {
                let snapshot = try PostgreSQLSnapshot(connection: cluster.address(of: name))
                held.append(snapshot)
                transactions[name] = snapshot.transaction
            }
            let snapshots = Snapshots(transactions)
            if try Verification.isCut(services, snapshots) { return check(services, snapshots) }
        }
        throw Failure(.unavailable, "No view of all databases was consistent in \(tries) tries; try again.")
    }

    private static func check(_ services: [any Service], _ snapshots: Snapshots) -> [Verification.Outcome] {
        let bar = ProgressBar("Checking")
        defer { bar.end() }
        return Verification.run(
            services: services, snapshots: snapshots, extra: Exchange.checks(of: services)
        ) { done, total, _ in bar.show(Int64(done), of: Int64(total)) }
    }
}
