import Foundation
import Storage
import TestKit
import Testing

extension ClusterTests {
    @Test(
        "X43: the broker stopped for a minute, a node of three killed, its memory short: people work on, and all arrives once",
        .enabled(if: TestBroker.areThere))
    func brokerAway() async throws {
        let (cluster, broker) = (try Cluster.shared(), TestBroker.three)
        defer { cluster.abandon() }
        try cluster.start()
        let work = Work(cluster, name: "broker")
        try await work.during {
            try await withoutBroker(broker, work, cluster)
            try await withoutLeader(broker, work, cluster)
            try await shortOfMemory(broker, work, cluster)
        }
        try await cluster.quiet()
        #expect(cluster.stopAll().allSatisfy { $0 == 0 })
        try compare(work, cluster)
    }

    private func withoutBroker(_ broker: TestBroker, _ work: Work, _ cluster: Cluster) async throws {
        // Whatever fails here, the next one finds it running.
        defer { try? broker.start() }
        try await cluster.aside { try broker.control("stop") }
        let since = ContinuousClock.now
        let (seen, booked) = (work.acknowledged, try cluster.passed("accounting"))
        work.go(on: 1200)
        try await cluster.wait("work goes on without a broker") { work.acknowledged > seen + 1000 }
        // What it says of itself meanwhile: how much waits, and that nobody knows how far the log goes.
        let figures = try #require(try await cluster.client("tracker", token: "")?.send("GET", "/metrics").text)
        #expect(figures.contains("popug_log_away{service=\"tracker\"} 1"))
        #expect(figures.contains("popug_journal_unpublished{service=\"tracker\"}"))
        #expect(!figures.contains("popug_journal_unpublished{service=\"tracker\"} 0\n"))
        try await cluster.wait("a minute has gone by without a broker") { since.duration(to: .now) > .seconds(60) }
        try await cluster.aside { try broker.start() }
        try await cluster.wait(forBooking: "the broker is back, and all is booked that was done without it")
        #expect(try cluster.passed("accounting") > booked + 50)
        work.go(on: nil)
    }

    /// A third of all streams have their leader on each node.
    private func withoutLeader(_ broker: TestBroker, _ work: Work, _ cluster: Cluster) async throws {
        defer { try? broker.start() }
        try await cluster.aside { try broker.control("kill-node", "2") }
        let seen = work.acknowledged
        work.go(on: 1200)
        try await cluster.wait("work goes on without a node") { work.acknowledged > seen + 1000 }
        try await cluster.wait(forBooking: "all is booked that was done up to then")
        try await cluster.aside { try broker.control("start-node", "2") }
        work.go(on: nil)
    }

    private func shortOfMemory(_ broker: TestBroker, _ work: Work, _ cluster: Cluster) async throws {
        func mark(_ share: String) async throws {
            try await cluster.aside { _ = try broker.control("ctl", "1", "set_vm_memory_high_watermark", share) }
        }
        try await mark("0.0001")
        do {
            let seen = work.acknowledged
            work.go(on: 1200)
            try await cluster.wait("work goes on while the broker takes nothing") { work.acknowledged > seen + 1000 }
            try await cluster.wait("events wait") { try cluster.owed() > 50 }
        } catch {
            try await mark("0.4")
            throw error
        }
        try await mark("0.4")
        try await cluster.wait(forBooking: "the broker takes messages, and all is booked that waited")
    }
}
