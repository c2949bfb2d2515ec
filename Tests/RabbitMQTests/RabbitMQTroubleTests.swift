import Foundation
import Messaging
import RabbitMQDriver
import SQLiteDriver
import Storage
import TestKit
import TestTraits
import Testing

/// What happens to brokers, while a relay and subscriptions work on them.
@Suite("RabbitMQ: trouble", .tags(.rabbitmq), .ifChosen, .serialized, .enabled(if: TestBroker.areThere))
struct RabbitMQTroubleTests {
    /// Shorter than in earnest, so that a broker that stands still is noticed soon.
    private func mill(_ broker: TestBroker) throws -> (TrialMill, RabbitMQLog) {
        let log = try broker.log { $0.patience = 3 }
        return (try TrialMill(log), log)
    }

    @Test("X40, X43: a broker killed in the middle of publishing loses nothing, and nothing takes effect twice")
    func killed() throws {
        let broker = TestBroker.one
        let (mill, log) = try mill(broker)
        defer {
            mill.stop()
            log.close()
        }
        try mill.happen(300)
        try mill.settle(rounds: 20)
        try broker.control("kill-node", "1")
        try mill.happen(100)
        try broker.control("start-node", "1")
        try mill.happen(100)
        try mill.settle()
        try mill.expectAll()
        #expect(!mill.errors.isEmpty)
    }

    @Test("X43: a broker that has lost everything is filled again by the relay, also while nothing happens")
    func wiped() throws {
        let broker = TestBroker.one
        let (mill, log) = try mill(broker)
        defer {
            mill.stop()
            log.close()
        }
        try mill.happen(50)
        try mill.settle()
        try broker.control("kill-node", "1")
        try broker.control("wipe-node", "1")
        try broker.control("start-node", "1")
        // Nothing new happens, and yet who has read nothing so far gets everything.
        let another = try mill.another()
        try mill.settle(another)
        try mill.happen(20)
        try mill.settle()
        try mill.settle(another)
        try mill.expectAll()
        try mill.expectAll(another)
    }

    @Test("X43: one of three nodes dies, with a third of all leaders; work goes on without it")
    func leaderKilled() throws {
        let broker = TestBroker.three
        let (mill, log) = try mill(broker)
        defer {
            mill.stop()
            log.close()
        }
        let late = try mill.another()
        try mill.happen(200)
        try mill.settle(rounds: 20)
        try broker.control("kill-node", "2")
        defer { _ = try? broker.control("start-node", "2") }
        let start = ContinuousClock.now
        try mill.happen(20)
        try mill.settle()
        try mill.settle(late)
        print("RabbitMQ: all went on \(start.duration(to: .now)) after a node of three had died")
        try mill.expectAll()
        try mill.expectAll(late)
    }

    @Test("X43: a broker that is short of memory takes nothing, says so, and takes everything afterwards")
    func alarm() throws {
        let broker = TestBroker.one
        let (mill, log) = try mill(broker)
        defer {
            mill.stop()
            log.close()
        }
        try mill.happen(5)
        try mill.settle()
        try broker.control("ctl", "1", "set_vm_memory_high_watermark", "0.0001")
        var isOver = false
        defer { if !isOver { _ = try? broker.control("ctl", "1", "set_vm_memory_high_watermark", "0.4") } }
        try mill.happen(5)
        let end = ContinuousClock.now + .seconds(60)
        while !mill.errors.contains(where: { $0.contains("takes no messages at present") }), ContinuousClock.now < end {
            mill.world.consumer.commits.wait(past: mill.world.consumer.commits.count, atMost: 0.1)
        }
        #expect(mill.errors.contains { $0.contains("takes no messages at present: low on memory") })
        try broker.control("ctl", "1", "set_vm_memory_high_watermark", "0.4")
        isOver = true
        try mill.settle()
        try mill.expectAll()
    }

    @Test("X43: cut connections are made again, and a broker that stands still for a while is got over")
    func cut() throws {
        let broker = TestBroker.one
        let (mill, log) = try mill(broker)
        defer {
            mill.stop()
            log.close()
        }
        try mill.happen(10)
        try mill.settle(rounds: 3)
        try broker.control("ctl", "1", "close_all_connections", "cut by a test")
        try mill.happen(10)
        try mill.settle()
        try broker.signal(SIGSTOP, node: 1)
        defer { try? broker.signal(SIGCONT, node: 1) }
        try mill.happen(10)
        let seen = mill.errors.count
        let end = ContinuousClock.now + .seconds(60)
        while mill.errors.count == seen, ContinuousClock.now < end {
            mill.world.consumer.commits.wait(past: mill.world.consumer.commits.count, atMost: 0.1)
        }
        #expect(mill.errors.count > seen)
        try broker.signal(SIGCONT, node: 1)
        try mill.settle()
        try mill.expectAll()
    }

    @Test("X43: where no node can be reached each call says so at once, and the next address is tried")
    func unreachable() throws {
        let nobody = try TestBroker.one.log {
            $0.addresses = $0.addresses.map { address in
                var address = address
                address.port = 1
                return address
            }
        }
        defer { nobody.close() }
        let topic = MessagingConformance.topic
        #expect(throws: StorageError.self) { try nobody.tail(of: topic, partition: 0) }
        #expect(throws: StorageError.self) { try nobody.reader(of: topic, after: [0: 0]) }
        let mixed = try TestBroker.one.log { settings in
            var dead = settings.addresses[0]
            dead.port = 1
            settings.addresses = [dead, settings.addresses[0], dead]
        }
        defer { mixed.close() }
        for _ in 0..<3 { _ = try mixed.reader(of: topic, after: [0: 0]) }
        try mixed.publish([MessagingConformance.envelope(partition: 0, number: 1)], to: topic)
    }
}
