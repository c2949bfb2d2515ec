import Foundation
import Messaging
import RabbitMQDriver
import Storage
import TestKit
import TestTraits
import Testing

@Suite("RabbitMQ: the log's promises", .tags(.rabbitmq), .ifChosen, .serialized, .enabled(if: TestBroker.areThere))
struct RabbitMQConformanceTests {
    let topic = MessagingConformance.topic

    @Test(
        "The RabbitMQ log conforms, on one node and on three",
        arguments: [TestBroker.one, .three], MessagingConformance.checks)
    func conforms(broker: TestBroker, check: MessagingConformance.Check) throws {
        let log = try broker.log()
        defer { log.close() }
        try check.body(log)
    }

    @Test("Over TLS it conforms too, and a broker that no known authority vouches for is refused")
    func secure() throws {
        let broker = TestBroker.one
        let address = try RabbitMQSettings(broker.secureAddress()).addresses
        let log = try broker.log {
            $0.addresses = address
            $0.authorities = broker.authorities
        }
        defer { log.close() }
        try MessagingConformance.checks[0].body(log)
        let stranger = try broker.log { $0.addresses = address }
        defer { stranger.close() }
        let error = #expect(throws: StorageError.self) { try stranger.tail(of: topic, partition: 0) }
        #expect("\(String(describing: error))".contains("verification failed"))
    }

    /// Reads one partition with `next`, and goes back after each event that is out of turn, as a subscription does;
    /// gives up after it went back so many times.
    private func follow(
        _ reader: any EventReader, after start: Int64, to end: Int64, torn limit: Int = 1000
    ) throws -> (numbers: [Int64], torn: Int) {
        var (numbers, torn, last) = ([Int64](), 0, start)
        let deadline = ContinuousClock.now + .seconds(120)
        while last < end, torn < limit, ContinuousClock.now < deadline {
            var isTorn = false
            for envelope in try reader.next(limit: 1000, waiting: 0.2) {
                if envelope.number == last + 1 {
                    last += 1
                    numbers.append(last)
                } else if envelope.number > last {
                    isTorn = true
                }
            }
            if isTorn {
                torn += 1
                try reader.seek(partition: 0, after: last)
            }
        }
        return (numbers, torn)
    }

    private func envelopes(_ numbers: ClosedRange<Int64>) -> [Envelope] {
        numbers.map { MessagingConformance.envelope(partition: 0, number: $0) }
    }

    @Test("A hole is shown as long as it is there, and what fills it is found behind everything else")
    func hole() throws {
        let log = try TestBroker.one.log()
        defer { log.close() }
        try log.publish(envelopes(1...10), to: topic)
        try log.publish(envelopes(12...3000), to: topic)
        let reader = try log.reader(of: topic, after: [0: 0])
        let first = try follow(reader, after: 0, to: 11, torn: 5)
        #expect(first.numbers == Array(1...10))
        #expect(first.torn == 5)
        try log.publish(envelopes(11...3000), to: topic)
        try log.publish(envelopes(3001...3005), to: topic)
        #expect(try follow(reader, after: 10, to: 3005).numbers == Array(11...3005))
    }

    @Test("A stream that does not begin with number 1 is searched backwards, and one full of duplicates forwards")
    func hints() throws {
        let log = try TestBroker.one.log()
        defer { log.close() }
        try log.publish(envelopes(5000...5400), to: topic)
        let reader = try log.reader(of: topic, after: [0: 5100])
        #expect(try follow(reader, after: 5100, to: 5400).numbers == Array(5101...5400))
        // From the end of what a new reader would guess, by the number alone, nothing would come.
        #expect(try log.tail(of: topic, partition: 0) == 5400)

        let twice = try TestBroker.one.log()
        defer { twice.close() }
        for _ in 0..<3 { try twice.publish(envelopes(1...6000), to: topic) }
        let late = try twice.reader(of: topic, after: [0: 5990])
        try twice.publish(envelopes(6001...6010), to: topic)
        #expect(try follow(late, after: 5990, to: 6010).numbers == Array(5991...6010))
    }

    @Test("A tail is found behind questions that others have left, and none of them is read as an event")
    func questions() throws {
        let log = try TestBroker.one.log()
        defer { log.close() }
        try log.publish(envelopes(1...3), to: topic)
        for _ in 0..<5 {
            let other = try TestBroker.one.log { $0.prefix = log.settings.prefix }
            defer { other.close() }
            #expect(try other.tail(of: topic, partition: 0) == 3)
            #expect(try other.tail(of: topic, partition: 7) == 0)
        }
        let reader = try log.reader(of: topic, after: [0: 0, 7: 0])
        #expect(try follow(reader, after: 0, to: 3).numbers == [1, 2, 3])
        #expect(try reader.next(limit: 10, waiting: 0).isEmpty)
    }

    @Test("X42: retention drops the oldest; the tail stays, and what is there is read from its beginning")
    func retention() throws {
        let log = try TestBroker.one.log { $0.retainedBytes = 4 << 20 }
        defer { log.close() }
        let size = 100_000
        for start in stride(from: Int64(1), through: 181, by: 20) {
            let large = (start..<start + 20).map { number in
                let envelope = MessagingConformance.envelope(partition: 0, number: number)
                return Envelope(
                    id: envelope.id, topic: envelope.topic, name: envelope.name, version: 1, key: envelope.key,
                    time: envelope.time, trace: "", data: Array(repeating: 0x20, count: size), partition: 0,
                    number: number
                ).coded
            }
            try log.publish(large, to: topic)
        }
        #expect(try log.tail(of: topic, partition: 0) == 200)
        let reader = try log.reader(of: topic, after: [0: 0])
        let first = try #require(
            try (0..<30).lazy.compactMap { _ in try reader.next(limit: 1, waiting: 1).first }.first)
        #expect(first.number > 1 && first.data.count == size)
        // Declared again with another retention, it stays as it is.
        let prefix = log.settings.prefix
        let other = try TestBroker.one.log {
            $0.prefix = prefix
            $0.retainedSeconds = 86_400
        }
        defer { other.close() }
        #expect(try other.tail(of: topic, partition: 0) == 200)
    }

    @Test("What is closed says so, also to who waits for it")
    func closing() throws {
        let log = try TestBroker.one.log()
        try log.publish(envelopes(1...1), to: topic)
        let reader = try log.reader(of: topic, after: [1: 0])
        let closer = Thread { log.close() }
        closer.start()
        #expect(throws: StorageError.closed) { while true { _ = try reader.next(limit: 1, waiting: 30) } }
        #expect(throws: StorageError.closed) { try log.publish(envelopes(2...2), to: topic) }
        #expect(throws: StorageError.closed) { try log.tail(of: topic, partition: 0) }
    }
}

@Suite("RabbitMQ: addresses", .tags(.rabbitmq), .ifChosen)
struct RabbitMQSettingsTests {
    @Test("An address says who signs in where; what it leaves out is the usual")
    func addresses() throws {
        let list = try RabbitMQSettings(
            "amqp://popug:p%40ss@a.example.com:5673/exchange%2F1, amqps://b.example.com,amqp://[::1]/")
        let first = try #require(list.addresses.first)
        #expect(first.user == "popug" && first.password == "p@ss" && first.vhost == "exchange/1" && first.port == 5673)
        #expect(list.addresses.map(\.host) == ["a.example.com", "b.example.com", "::1"])
        #expect(list.addresses[1].isSecure && list.addresses[1].port == 5671)
        #expect(list.addresses[2].user == "guest" && list.addresses[2].vhost == "/" && list.addresses[2].port == 5672)
    }

    @Test(
        "What is no address is refused, without saying a password",
        arguments: [
            "", "localhost:5672", "http://a", "amqp://", "amqp://u:secret@a:99999", "amqp://u:secret@a/x/y",
            "amqp://a,",
        ])
    func refused(text: String) {
        let error = #expect(throws: RabbitMQSettings.Unreadable.self) { try RabbitMQSettings(text) }
        #expect(error?.description.contains("secret") == false)
    }
}
