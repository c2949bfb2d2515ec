import Foundation
import PostgreSQLDriver
import Storage
import Synchronization
import TestKit
import Testing

extension ClusterTests {
    @Test("X40: ten processes start at once on empty databases: all get ready, and each step of a schema is made once")
    func tenAtOnce() async throws {
        let cluster = try Cluster.shared()
        let services = ["tracker", "accounting"]
        let prefix = cluster.prefix + "empty_"
        let server = PostgreSQLServer(connection: cluster.server)
        for service in services { try server.create(database: prefix + service) }
        defer { for service in services { try? server.drop(database: prefix + service) } }
        let variables = [
            "POPUG_DATABASE": "\(cluster.server) dbname=\(prefix){service}",
            "POPUG_LOG": "sqlite:\(cluster.folder.path)/empty.sqlite", "POPUG_LOG_LEVEL": "warning",
            "POPUG_UPSTREAMS": cluster.upstreams,
        ]
        let started = try await withThrowingTaskGroup(of: PopugProcess.self) { group in
            for number in 0..<10 {
                group.addTask {
                    try await cluster.aside {
                        try PopugProcess(
                            data: cluster.installation.data, arguments: ["--services", services[number % 2]],
                            environment: variables)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        defer { for process in started { process.kill() } }
        for process in started {
            #expect(try await APIClient(address: process.address).send("GET", "/healthz").status == 200)
        }
        for service in services {
            let address = "\(cluster.server) dbname=\(prefix)\(service)"
            let steps = try cluster.number(service, "SELECT COUNT(*) FROM migration")
            #expect(steps > 0)
            #expect(try Cluster.number(address, "SELECT COUNT(*) FROM migration") == steps)
            // All five live side by side, and share what there is to read.
            try await cluster.wait("five processes of \(service) know of each other") {
                try Cluster.number(address, "SELECT COUNT(*) FROM lease WHERE name LIKE 'process %'") == 5
            }
        }
        #expect(started.allSatisfy { $0.stop() == 0 })
    }
}
