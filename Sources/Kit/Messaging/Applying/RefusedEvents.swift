import Logging
import Synchronization

/// What a process has refused since its start.
final class RefusedEvents: Sendable {
    private struct State: Sendable {
        /// The first refusals of each topic, to recognize one that occurs again.
        var known: [String: Set<Refusal>] = [:]
        var last: [String: Refusal] = [:]
        var counts: [String: Int] = [:]
    }

    /// How many refusals per topic are remembered. Later ones are counted every time that they occur.
    private static let mostKnown = 10_000
    /// How many refusals per topic are logged.
    private static let mostTold = 100
    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func note(_ refusal: Refusal) {
        let isTold = state.withLock { state in
            if state.known[refusal.topic, default: []].count < Self.mostKnown {
                guard state.known[refusal.topic, default: []].insert(refusal).inserted else { return false }
            }
            state.last[refusal.topic] = refusal
            state.counts[refusal.topic, default: 0] += 1
            return state.counts[refusal.topic, default: 0] <= Self.mostTold
        }
        guard isTold else { return }
        logger.error(
            "an event without a right code was refused: nobody takes it (run popug verify)",
            metadata: [
                "place": "\(refusal.place.rawValue)", "topic": "\(refusal.topic)",
                "partition": "\(refusal.partition)", "number": "\(refusal.number)", "id": "\(refusal.id)",
                "name": "\(refusal.name)",
            ])
    }

    func alarms(of topic: String) -> [String] {
        state.withLock { state in
            guard let last = state.last[topic], let count = state.counts[topic] else { return [] }
            return [
                "\(count) of the events of \(topic) had no right code and were refused since the start, the last "
                    + "one \(last): somebody without the installation's secret has written or changed them"
            ]
        }
    }

    var counts: [(topic: String, count: Int)] {
        state.withLock { $0.counts.map { ($0.key, $0.value) } }.sorted { $0.topic < $1.topic }
    }
}
