import Storage
import Values

extension Subscription {
    /// The maximum number of a key's events that are tried together.
    private static let together = 100

    /// Tries one key that is due: all its waiting events in one transaction, or, if that fails, the first one alone.
    func retry() throws -> Turn {
        let (topic, partitions, now) = (topic, partitions, environment.now())
        guard let due = try database.read({ try Parked.due(topic, partitions, now: now, in: $0) }) else { return .idle }
        do {
            try attempt(due, atMost: Subscription.together, now: now)
        } catch  where Subscription.isOfTheEvent(error) {
            do {
                try attempt(due, atMost: 1, now: now)
            } catch  where Subscription.isOfTheEvent(error) {
                try noteFailure(due, "\(error)", now: now)
            }
        }
        return .more
    }

    /// Applies the first events of a key and unparks them. The remaining ones are due at once.
    private func attempt(_ due: Parked.Due, atMost limit: Int, now: Instant) throws {
        let start = environment.uptime()
        let applied = try database.write { [self] transaction -> [Envelope] in
            let queue = try lock(due, limit: limit + 1, transaction)
            let first = Array(queue.prefix(limit))
            try expectRight(first)
            try react(to: first, transaction)
            try transaction.send(
                "DELETE FROM parked WHERE topic = ? AND partition = ? AND number = ?",
                rows: first.map { [.text($0.topic), $0.partition.stored, .integer($0.number)] })
            if queue.count > limit {
                try transaction.send(
                    """
                    UPDATE parked_key SET tries = 0, next_try = \(now) WHERE topic = \(topic.name) AND key = \(due.key)
                    """)
                try onParked(queue[limit], transaction)
            } else {
                try transaction.send("DELETE FROM parked_key WHERE topic = \(topic.name) AND key = \(due.key)")
            }
            return first
        }
        tell(Outcome(applied: applied), since: start)
    }

    /// Parked events that somebody has added or changed in the database are not applied (X60).
    private func expectRight(_ envelopes: [Envelope]) throws {
        guard envelopes.allSatisfy({ log.codes.accepts($0, in: .parked) }) else { throw WithoutCode() }
    }

    private struct WithoutCode: Error, CustomStringConvertible {
        var description: String {
            "it has no right code: somebody without the installation's secret has written or changed it here"
        }
    }

    private func noteFailure(_ due: Parked.Due, _ error: String, now: Instant) throws {
        try database.write { [self] transaction in
            guard let first = try lock(due, limit: 1, transaction).first else { return }
            let tries = due.tries + 1
            try transaction.send(
                """
                UPDATE parked SET error = \(String(error.prefix(2000))) WHERE topic = \(topic.name)
                AND partition = \(first.partition) AND number = \(first.number)
                """)
            try transaction.send(
                """
                UPDATE parked_key SET tries = \(tries), next_try = \(Parked.nextTry(after: tries, now: now).stored)
                WHERE topic = \(topic.name) AND key = \(due.key)
                """)
            try onParked(first, transaction)
        }
    }

    /// Checks that the checkpoint is still ours and the key still parked, and reads its first events.
    private func lock(_ due: Parked.Due, limit: Int, _ transaction: any Transaction) throws -> [Envelope] {
        try Checkpoint.fence(topic, partition: due.partition, owner: owner, in: transaction)
        _ = try transaction.fetchLocking(
            "SELECT key FROM parked_key WHERE topic = \(topic.name) AND key = \(due.key)")
        return try Parked.queue(topic, key: due.key, limit: limit, in: transaction)
    }
}
