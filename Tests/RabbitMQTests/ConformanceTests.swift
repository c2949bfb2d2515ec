import Foundation
import Logging
import Messaging
import RabbitMQDriver
import Storage
import TestKit
import Testing

@Suite("RabbitMQ: conformance", .enabled(if: Rabbit.isThere))
struct RabbitMQConformanceTests {
    @Test("The RabbitMQ log conforms on one node", arguments: MessagingConformance.checks)
    func oneNode(check: MessagingConformance.Check) throws {
        let log = try Rabbit.log(Rabbit.addresses)
        defer { Rabbit.end(log) }
        try check.body(log)
    }
}

enum Rabbit {
    static let addresses = ProcessInfo.processInfo.environment["POPUG_TEST_RABBITMQ"] ?? ""

    /// Whether there is a broker; says so once where there is none.
    static let isThere: Bool = {
        if addresses.isEmpty {
            print("RabbitMQ tests are skipped: POPUG_TEST_RABBITMQ is not set (scripts/test.sh does)")
        }
        return !addresses.isEmpty
    }()

    /// An empty log: with streams of its own, on a broker that others use too.
    static func log(_ addresses: String, adjust: (inout RabbitMQSettings) -> Void = { _ in }) throws -> RabbitMQLog {
        var settings = try RabbitMQSettings(addresses)
        settings.prefix = "test-\(UUID().uuidString)"
        adjust(&settings)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return RabbitMQLog(settings, logger: logger)
    }

    static func end(_ log: RabbitMQLog) {
        log.close()
    }
}
