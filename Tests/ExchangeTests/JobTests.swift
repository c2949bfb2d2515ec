import Composition
import Hosting
import SQLiteDriver
import ServiceKit
import Synchronization
import TestKit
import Testing
import Values

@Suite("Jobs")
struct JobTests {
    @Test("X43: a job of a service at rest looks, and writes nothing; not after an hour and not after a month either")
    func rest() throws {
        let commits = Mutex<[String]>([])
        let test = try TestExchange(faults: { service, point in
            if point == .beforeCommit { commits.withLock { $0.append(service) } }
        })
        let emma = try test.person("Emma Employee", "employee")
        _ = try test.task("Feed the cat", by: emma)
        try test.exchange.settle()
        for days in [0, 30] {
            // What became due meanwhile is done first.
            test.clock.advance(milliseconds: 3_600_000 + Int64(days) * 86_400_000)
            try test.exchange.settle()
            for host in test.exchange.hosts {
                for part in host.parts where part.name.hasPrefix("job ") {
                    commits.withLock { $0 = [] }
                    #expect(try !part.turn(), "\(host.service.name), \(part.name)")
                    #expect(commits.withLock { $0 }.isEmpty, "\(host.service.name), \(part.name)")
                }
            }
        }
    }
}
