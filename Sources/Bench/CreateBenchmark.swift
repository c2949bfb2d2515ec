import Foundation
import Hummingbird
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Values

/// Tasks created over HTTP on 32 connections until each is priced and charged, beside a bare route of the same HTTP
/// server that does one group-committed insert a request, driven by the same client.
enum CreateBenchmark {
    static let count = 20_000

    static func run() async throws -> [Figure] {
        let server = try BenchServer()
        defer { server.stop() }
        let bare = try await BareRoute()
        var ours: [Double] = []
        var reference: [Double] = []
        for round in 0..<3 {
            let clients = server.installation.employees.map { APIClient(address: server.process.address, token: $0) }
            let taken = try await seconds {
                _ = try await load(connections: 32, count: count) { index in
                    let answer = try await clients[index % clients.count].send(
                        "POST", "/api/tasks", json: "{\"title\":\"POP-\(index): Feed the cat\"}",
                        key: "\(round)-\(index)")
                    guard answer.status == 201 else { throw RawError(message: answer.text) }
                }
                try await server.quiet()
            }
            ours.append(Double(count) / taken)
            let client = APIClient(address: bare.address)
            let plain = try await load(connections: 32, count: count) { index in
                let answer = try await client.send(
                    "POST", "/insert", json: "{\"title\":\"POP-\(index): Feed the cat\"}")
                guard answer.status == 200 else { throw RawError(message: answer.text) }
            }
            reference.append(Double(count) / plain)
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
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) })
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
