import Storage
import Values

/// How far a service has read a topic: the last number that it has applied, per partition. Only the owner moves a
/// checkpoint, and only from the value that the owner has read. That makes each effect happen once.
package enum Checkpoint {
    static let schema = [
        """
        CREATE TABLE IF NOT EXISTS checkpoint (
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            number INTEGER NOT NULL,
            owner TEXT NOT NULL,
            PRIMARY KEY (topic, partition)
        ) STRICT
        """
    ]

    struct Move: Sendable {
        let partition: Int
        let from: Int64
        let to: Int64
    }

    /// Makes the owner the owner of the checkpoints of some partitions, and returns their numbers.
    static func take(
        _ topic: Topic, _ partitions: Range<Int>, for owner: Owner, in transaction: any Transaction
    ) throws -> [Int: Int64] {
        try transaction.send(
            """
            INSERT INTO checkpoint (topic, partition, number, owner) VALUES (?, ?, 0, ?)
            ON CONFLICT (topic, partition) DO NOTHING
            """, rows: partitions.map { [.text(topic.name), $0.stored, .text(owner.name)] })
        try transaction.send(
            """
            UPDATE checkpoint SET owner = \(owner.name) WHERE topic = \(topic.name)
            AND partition >= \(partitions.lowerBound) AND partition < \(partitions.upperBound)
            AND owner <> \(owner.name)
            """)
        return try numbers(of: topic, in: transaction).filter { partitions.contains($0.key) }
    }

    /// Moves checkpoints forward.
    /// - Throws: ``LeaseLost``, which rolls the transaction back, if a checkpoint has moved since it was read, or
    ///   belongs to another owner.
    static func move(_ topic: Topic, _ moves: [Move], owner: Owner, in transaction: any Transaction) throws {
        for move in moves {
            let moved = try transaction.change(
                """
                UPDATE checkpoint SET number = \(move.to) WHERE topic = \(topic.name)
                AND partition = \(move.partition) AND number = \(move.from) AND owner = \(owner.name)
                """)
            guard moved == 1 else { throw LeaseLost(name: "topic \(topic.name), partition \(move.partition)") }
        }
    }

    /// Checks that the checkpoint belongs to the owner, and keeps it so until the end of the transaction.
    static func fence(_ topic: Topic, partition: Int, owner: Owner, in transaction: any Transaction) throws {
        let rows = try transaction.fetchLocking(
            "SELECT owner FROM checkpoint WHERE topic = \(topic.name) AND partition = \(partition)")
        guard let row = rows.first, try row(0) == owner.name else {
            throw LeaseLost(name: "topic \(topic.name), partition \(partition)")
        }
    }

    /// The last number applied, per partition.
    package static func numbers(of topic: Topic, in transaction: any Transaction) throws -> [Int: Int64] {
        let rows = try transaction.fetch(
            "SELECT partition, number FROM checkpoint WHERE topic = \(topic.name) ORDER BY partition")
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0(0), try $0(1)) })
    }
}
