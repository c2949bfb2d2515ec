import Composition
import CurlDriver
import Directory
import Foundation
import Hosting
import Mailer
import Messaging
import SQLiteDriver
import Schemas
import ServiceKit
import Storage
import TestKit
import Values

/// Letters from the event until the mail server's answer to each is recorded. The reference hands the same messages to
/// the same server by the same client, and records nothing.
enum MailBenchmark {
    static let letters = 2_000

    static func run() throws -> [Figure] {
        guard MailServer.isThere else { return [] }
        let server = try MailServer(["--quiet"])
        defer { server.stop() }
        let client = SMTPClient(.init(host: "127.0.0.1", port: server.port, security: .none, name: "bench.test"))
        let clock = SteppedClock()
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(path: folder.path + "/mailer.sqlite", name: "mailer")
        defer { database.close() }
        let log = MemoryEventLog()
        let service = try MailerService(
            company: .test(), settings: MailSettings(transport: SMTPTransport(client: client)), codes: .trial,
            environment: clock.environment)
        let host = ServiceHost(service, database: database, log: log, environment: clock.environment)
        try host.prepare()
        try publish(to: log, clock)
        let ours = try seconds { while try host.step() {} }
        let sent: Int64? = try database.read { try $0.value("SELECT COUNT(*) FROM letter WHERE state = 'sent'") }
        guard sent == Int64(letters) else { throw RawError(message: "\(sent ?? 0) of \(letters) letters were sent") }
        // About as long as a real letter.
        let message = Array(
            ("Subject: x\r\n\r\n" + String(repeating: String(repeating: "x", count: 74) + "\r\n", count: 48)).utf8)
        let bare = try seconds {
            for index in 0..<letters {
                _ = try client.send(from: "popug@bench.test", to: "worker\(index)@bench.test", message: message)
            }
        }
        return [
            .rate(
                "letters to a server on loopback, from the event on", Double(letters) / ours, unit: "/s",
                reference: Double(letters) / bare, atLeast: 0.7)
        ]
    }

    private static func publish(to log: MemoryEventLog, _ clock: SteppedClock) throws {
        var numbers: [Int: Int64] = [:]
        let envelopes = (0..<letters).map { index -> Envelope in
            let person = Person(
                id: clock.environment.newID(), name: "Worker \(index)", email: "worker\(index)@bench.test",
                roles: [Role.employee], active: true)
            let partition = person.id.partition(of: Topic.partitions)
            numbers[partition, default: 0] += 1
            return Envelope(
                id: clock.environment.newID(), topic: Topic.identity.name, name: PersonRegistered.name, version: 1,
                key: person.id, time: clock.now, trace: "bench",
                data: PersonRegistered(person: person).data(), partition: partition,
                number: numbers[partition, default: 0]
            ).coded
        }
        try log.publish(envelopes, to: .identity)
    }
}
