import Foundation
import Logging
import Messaging
import RabbitMQDriver
import Storage

/// One of the brokers that `scripts/test.sh` has started: `one` node, or a cluster of `three`.
struct TestBroker: Sendable, CustomStringConvertible {
    static let one = TestBroker(name: "one")
    static let three = TestBroker(name: "three")

    /// The folder in which they are.
    private static let folder = ProcessInfo.processInfo.environment["POPUG_TEST_RABBITMQ"]

    /// Whether there are any; says so once where there are none.
    static let areThere: Bool = {
        if folder == nil {
            print("RabbitMQ tests are skipped: POPUG_TEST_RABBITMQ is not set (scripts/test.sh does)")
        }
        return folder != nil
    }()

    private let name: String
    var description: String { name }
    private var path: String { "\(TestBroker.folder ?? "/nowhere")/\(name)" }

    /// `amqp://…,amqp://…`
    func addresses() throws -> String {
        try (1...3).filter { FileManager.default.fileExists(atPath: "\(path)/node\($0)/address") }
            .map { try text("node\($0)/address") }.joined(separator: ",")
    }

    func secureAddress() throws -> String { try text("node1/tls-address") }
    var authorities: String { "\(path)/ca.pem" }

    private func text(_ file: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// An empty log: with streams of its own, on a broker that others use too.
    func log(adjust: (inout RabbitMQSettings) -> Void = { _ in }) throws -> RabbitMQLog {
        var settings = try RabbitMQSettings(addresses())
        settings.prefix = "test-\(UUID().uuidString.lowercased())"
        adjust(&settings)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return RabbitMQLog(settings, logger: logger)
    }

    /// Runs `scripts/rabbitmq.sh VERB` on it.
    @discardableResult
    func control(_ verb: String, _ words: String...) throws -> String {
        let root = ProcessInfo.processInfo.environment["POPUG_ROOT"] ?? "."
        let process = Process()
        process.executableURL = URL(filePath: "\(root)/scripts/rabbitmq.sh")
        process.arguments = [verb, path] + words
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw StorageError.failed("rabbitmq.sh \(verb) failed") }
        return String(decoding: text, as: UTF8.self)
    }

    /// Sends a signal to a node's process.
    func signal(_ signal: Int32, node: Int) throws {
        guard let pid = Int32(try text("node\(node)/pid")) else { throw StorageError.failed("no pid") }
        kill(pid, signal)
    }
}
