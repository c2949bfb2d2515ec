import HTTPDriver
import Hosting
import Logging
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Testing
import Values

@Suite("Figures while the log does not answer")
struct WebFiguresTests {
    @Test(
        "X43: however many ask for the figures, pages come all the while; the log is asked once, and all get the answer",
        .timeLimit(.minutes(2)))
    func scraped() async throws {
        let log = MemoryEventLog()
        let host = ServiceHost(
            TrialService(), database: try SQLiteDatabase.memory(name: "trial"), log: log,
            environment: LiveTime.environment,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try host.prepare()
        let (gate, asked) = (Signal(), Signal())
        log.setHook { _ in
            asked.note()
            gate.wait(past: 0, atMost: 100)
        }
        let figures = CachedValue(uptime: LiveTime.environment.uptime) { host.gauges() }
        let server = try await RunningServer.start { $0.gauges = { await figures.value() } }
        let scrapes = (0..<40).map { _ in
            Task { [port = server.port] in await (try? WebSocketClient(port: port))?.get("/metrics") }
        }
        while asked.count == 0 { await Task.yield() }
        let client = try WebSocketClient(port: server.port)
        for _ in 0..<20 { #expect(try #require(await client.get("/page")).status == 200) }
        #expect(asked.count == 1)
        gate.note()
        for scrape in scrapes {
            let answer = try #require(await scrape.value)
            #expect(answer.status == 200)
            #expect(answer.body.contains("popug_log_away{service=\"trial\"} 0"))
        }
        await server.stop()
        host.database.close()
    }
}
