import Foundation
import Logging
import Messaging
import RabbitMQDriver
import Storage

/// One of the brokers that `scripts/test.sh` has started: `one` node, or a cluster of `three`.
package struct TestBroker: Sendable, CustomStringConvertible {
    package static let one = TestBroker(name: "one", nodes: 1)
    package static let three = TestBroker(name: "three", nodes: 3)

    /// The folder of the brokers.
    private static let folder = ProcessInfo.processInfo.environment["POPUG_TEST_RABBITMQ"]

    /// Whether there are any brokers; prints it once if there are none.
    package static let areThere: Bool = {
        if folder == nil {
            print("RabbitMQ tests are skipped: POPUG_TEST_RABBITMQ is not set (scripts/test.sh does)")
        }
        return folder != nil
    }()

    private let name: String
    private let nodes: Int
    package var description: String { name }
    private var path: String { "\(TestBroker.folder ?? "/nowhere")/\(name)" }

    /// `amqp://…,amqp://…`, or with `amqps`, certified by ``authorities``.
    /// - Parameter room: a virtual host made by ``makeRoom(_:)``; if it is not given, the broker's default one.
    package func addresses(room: String? = nil, secure: Bool = false) throws -> String {
        try (1...nodes).map { node in
            try text("node\(node)/\(secure ? "tls-address" : "address")") + (room.map { "/\($0)" } ?? "")
        }.joined(separator: ",")
    }

    package func secureAddress() throws -> String { try text("node1/tls-address") }
    package var authorities: String { "\(path)/ca.pem" }

    private func text(_ file: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// An empty log with streams of its own, on a broker that others use too.
    package func log(adjust: (inout RabbitMQSettings) -> Void = { _ in }) throws -> RabbitMQLog {
        var settings = try RabbitMQSettings(addresses())
        settings.prefix = "test-\(UUID().uuidString.lowercased())"
        adjust(&settings)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return RabbitMQLog(settings, codes: .trial, logger: logger)
    }

    /// Makes a virtual host: a separate space for an installation, because all installations use the same names for
    /// streams.
    package func makeRoom(_ name: String) throws {
        try control("ctl", "1", "add_vhost", name)
        try control("ctl", "1", "set_permissions", "--vhost", name, "guest", ".*", ".*", ".*")
    }

    /// Deletes a virtual host with everything in it.
    package func dropRoom(_ name: String) throws {
        try control("ctl", "1", "delete_vhost", name)
    }

    /// Starts the nodes that are not running.
    package func start() throws { try control("start", "\(nodes)") }

    /// Runs `scripts/rabbitmq.sh VERB` for this broker.
    @discardableResult
    package func control(_ verb: String, _ words: String...) throws -> String {
        try Script.run("rabbitmq.sh", [verb, path] + words)
    }

    /// Sends a signal to a node's process.
    package func signal(_ signal: Int32, node: Int) throws {
        guard let pid = Int32(try text("node\(node)/pid")) else { throw StorageError.failed("no pid") }
        kill(pid, signal)
    }
}
