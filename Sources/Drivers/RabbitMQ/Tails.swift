import CRabbitMQ
import Foundation
import Messaging
import Storage

// The last number of each partition. A stream doesn't say where it ends, and the place `last` is the beginning of its
// last chunk. So a message without a number is appended as a question, and everything before it is all there is.
extension BrokerConnection {
    /// What is known about a partition while its end is searched for.
    private struct Search {
        /// The highest number that has come.
        var number: Int64 = 0
        /// The lowest offset that has come.
        var lowest = Int64.max
        /// Where the last reading began.
        var begun: Int64 = 0

        /// Whether an earlier message may have a number, if none of those read so far has one.
        var goesOn: Bool { number == 0 && lowest > 0 && lowest != .max && begun <= lowest }

        /// - Parameter event: the message as an event, if it is one.
        mutating func note(_ delivery: BrokerMessage, _ event: Envelope?) {
            number = max(number, event?.number ?? 0)
            lowest = min(lowest, delivery.offset)
        }
    }

    /// Finds the tails of all partitions.
    func tails() throws -> [Int: Int64] {
        let asked = UUID().uuidString
        let question = CText(asked)
        var searches = try searchesFromLast()
        for partition in searches.indices { try ask(partition, question) }
        try read(Set(searches.indices), generation: 0, &searches) { delivery, _ in
            String(delivery.message.id) == asked
        }
        return try finish(&searches)
    }

    /// Roughly how far the partitions go, without asking a question: reads until there is a pause, or for a second,
    /// because others may publish without a pause.
    func glimpses() throws -> [Int: Int64] {
        var searches = try searchesFromLast()
        let end = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < end, let delivery = try delivery(waiting: 0.2) {
            searches[delivery.partition].note(delivery, envelope(delivery))
            try acknowledge(delivery.tag, on: Self.aside)
            release()
        }
        return try finish(&searches)
    }

    private func searchesFromLast() throws -> [Search] {
        try openForReading(Self.aside)
        for partition in queues.indices { try consume(partition, generation: 0, from: .last, on: Self.aside) }
        return [Search](repeating: Search(), count: queues.count)
    }

    /// Searches further and further back if the last chunk holds nothing but questions.
    private func finish(_ searches: inout [Search]) throws -> [Int: Int64] {
        var generation = 1
        var back: Int64 = 64
        while case let open = Set(searches.indices.filter { searches[$0].goesOn }), !open.isEmpty {
            let ends = searches.map(\.lowest)
            for partition in open {
                try cancel(partition, generation: generation - 1, on: Self.aside)
                searches[partition].begun = max(0, ends[partition] - back)
                try consume(
                    partition, generation: generation, from: .offset(searches[partition].begun), on: Self.aside)
            }
            try read(open, generation: generation, &searches) { delivery, partition in
                delivery.offset >= ends[partition] - 1
            }
            for partition in open where searches[partition].begun == 0 || searches[partition].lowest >= ends[partition]
            {
                // Nothing comes before this.
                searches[partition].begun = .max
            }
            generation += 1
            back = min(back * 8, 1 << 40)
        }
        try closeChannel(Self.aside)
        return Dictionary(uniqueKeysWithValues: searches.enumerated().map { ($0.offset, $0.element.number) })
    }

    /// Reads these partitions, each until `isEnd` returns true.
    private func read(
        _ partitions: Set<Int>, generation: Int, _ searches: inout [Search],
        isEnd: (BrokerMessage, _ partition: Int) -> Bool
    ) throws {
        var open = partitions
        var unacknowledged = 0
        while !open.isEmpty {
            guard let delivery = try delivery(waiting: patience) else {
                throw lost("it has not shown the end of a stream of \(topic) for \(Int(patience)) seconds")
            }
            if delivery.generation == generation {
                searches[delivery.partition].note(delivery, envelope(delivery))
                if isEnd(delivery, delivery.partition) { open.remove(delivery.partition) }
            }
            unacknowledged += 1
            if unacknowledged >= 100 || open.isEmpty {
                try acknowledge(delivery.tag, on: Self.aside)
                unacknowledged = 0
            }
            release()
        }
    }
}
