import Foundation
import Hummingbird
import Logging
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Values

/// Tasks created over HTTP on 32 connections until each is priced and charged. The reference is a bare route of the
/// same HTTP server that does one group-committed insert for each request, driven by the same `wrk`. They take turns of
/// some seconds each.
enum CreateBenchmark {
    static let rounds = 3
    static let turn = 5

    static func run() async throws -> [Figure] {
        let server = try BenchServer()
        defer { server.stop() }
        let bare = try await BareRoute()
        var ours: [Double] = []
        var reference: [Double] = []
        for round in 0..<rounds {
            var created = 0
            let taken = try await seconds {
                created = try Wrk.post(
                    to: server.process.address + "/api/tasks", tokens: server.installation.employees,
                    mark: "round-\(round)", seconds: turn
                ).requests
                try await server.quiet()
            }
            ours.append(Double(created) / taken)
            let plain = try Wrk.post(to: bare.address + "/insert", tokens: [], mark: "bare", seconds: turn)
            reference.append(Double(plain.requests) / plain.seconds)
        }
        await bare.stop()
        return [
            .rate(
                "create tasks over HTTP, 32 connections, until charged", median(ours), unit: "/s",
                reference: median(reference), atLeast: 0.3)
        ]
    }
}

/// The same HTTP server with one route and one table.
final class BareRoute: Sendable {
    let address: String
    private let task: Task<Void, any Error>
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase

    init() async throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(path: folder.path + "/bare.sqlite", name: "bare")
        try await database.write { try $0.send("CREATE TABLE row (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB)") }
        self.folder = folder
        self.database = database
        let router = Router()
        router.post("/insert") { request, _ in
            let body = try await request.body.collect(upTo: 65_536)
            let bytes = Array(body.readableBytesView)
            try await database.write { try $0.send("INSERT INTO row (body) VALUES (\(bytes))") }
            return HTTPResponse.Status.ok
        }
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "bare", factory: { _ in SwiftLogNoOpLogHandler() }))
        task = Task { try await app.run() }
        var port = 0
        for await bound in ports {
            port = bound
            break
        }
        address = "http://127.0.0.1:\(port)"
    }

    func stop() async {
        task.cancel()
        _ = try? await task.value
        database.close()
    }
}
