import Synchronization
import Values

/// Tells who is looking at pages that a topic has moved, so that what they see is fetched again: that a service has
/// published, applied what others published, or that a job of its has done something. It tells no more than that a topic
/// moved, and never more often than it is listened to.
package final class LiveFeed: Sendable {
    // The listener is only ever asked for, never changed, from here.
    private struct Entry: Sendable {
        let topics: Set<String>
        weak let listener: Listener?
    }

    private struct State: Sendable {
        var next: UInt64 = 0
        var listening: [UInt64: Entry] = [:]
        /// When a topic last moved.
        var last: [String: Instant] = [:]
    }

    private let entries = Mutex(State())
    private let now: @Sendable () -> Instant
    /// What moved before it is not known.
    private let began: Instant

    package init(now: @escaping @Sendable () -> Instant) {
        self.now = now
        began = now()
    }

    /// Says that a topic has moved. Cheap, also where nobody listens.
    package func moved(_ topic: String) {
        let moment = now()
        let listeners = entries.withLock { state in
            state.last[topic] = moment
            return state.listening.values.compactMap { $0.topics.contains(topic) ? $0.listener : nil }
        }
        for listener in listeners { listener.note(topic) }
    }

    /// The names of topics as they move, each once however often it moved since it was last taken. Ends when its task
    /// is cancelled, and when ``end()`` is called.
    ///
    /// - Parameter since: when the listener last looked. What has moved since then, or may have, comes at once.
    package func ticks(topics: Set<String>, since: Instant? = nil) -> AsyncStream<String> {
        let number = entries.withLock { state in
            state.next += 1
            return state.next
        }
        let listener = Listener { [weak self] in
            self?.entries.withLock { _ = $0.listening.removeValue(forKey: number) }
        }
        let missed = entries.withLock { state in
            state.listening[number] = Entry(topics: topics, listener: listener)
            guard let since else { return Set<String>() }
            return topics.filter { (state.last[$0] ?? began) >= since }
        }
        for topic in missed { listener.note(topic) }
        return AsyncStream(unfolding: { await listener.next() }, onCancel: { listener.end() })
    }

    /// How many are listening.
    package var listeners: Int { entries.withLock { $0.listening.count } }

    /// Ends all streams: the server is stopping.
    package func end() {
        let listeners = entries.withLock { state in
            defer { state.listening = [:] }
            return state.listening.values.compactMap(\.listener)
        }
        for listener in listeners { listener.end() }
    }
}

/// One stream: the topics that have moved since they were last taken, or whoever waits for one.
private final class Listener: Sendable {
    private struct State {
        var pending: Set<String> = []
        var waiter: CheckedContinuation<String?, Never>?
        var ended = false
    }

    private let state = Mutex(State())
    private let gone: @Sendable () -> Void

    init(gone: @escaping @Sendable () -> Void) {
        self.gone = gone
    }

    deinit { gone() }

    func note(_ topic: String) {
        let waiter = state.withLock { state -> CheckedContinuation<String?, Never>? in
            guard !state.ended else { return nil }
            guard let waiter = state.waiter else {
                state.pending.insert(topic)
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: topic)
    }

    func end() {
        let waiter = state.withLock { state -> CheckedContinuation<String?, Never>? in
            state.ended = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
        gone()
    }

    func next() async -> String? {
        await withCheckedContinuation { continuation in
            let (answer, former) = state.withLock {
                state -> (answer: String??, former: CheckedContinuation<String?, Never>?) in
                if state.ended { return (.some(nil), nil) }
                if let topic = state.pending.min() {
                    state.pending.remove(topic)
                    return (topic, nil)
                }
                // A stream has one taker; another one's wait is over.
                defer { state.waiter = continuation }
                return (nil, state.waiter)
            }
            former?.resume(returning: nil)
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
