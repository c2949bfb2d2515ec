import Contracts
import Messaging
import Storage
import Values
import Web

/// Beginning, stopping and resuming a rebuild. A job does the work (``RebuildJob``).
enum RebuildCommands {
    /// Begins a rebuild. If one is running or was stopped, that one continues: there is never more than one.
    static func begin(by person: ID, _ environment: Environment, in transaction: any Transaction) throws -> Rebuild {
        let generation = try Generation.locked(in: transaction)
        if let building = generation.building {
            try set(.running, of: building, in: transaction)
            return try known(building, in: transaction)
        }
        let next = try Rebuild.nextGeneration(after: generation.current, in: transaction)
        let numbers = try Checkpoint.numbers(of: .accounting, in: transaction)
        try transaction.send(
            "INSERT INTO rebuild_position (generation, partition, number, last) VALUES (?, ?, 0, ?)",
            rows: numbers.sorted { $0.key < $1.key }.map { [next.stored, $0.key.stored, .integer($0.value)] })
        try transaction.send(
            """
            INSERT INTO rebuild (generation, id, state, asked_by, asked_at, reached, total, swept)
            VALUES (\(next), \(environment.newID()), \(Rebuild.State.running), \(person), \(environment.now()), 0,
            \(numbers.values.reduce(0, +)), 0)
            """)
        try transaction.send("UPDATE generation SET building = \(next) WHERE one = 1")
        return try known(next, in: transaction)
    }

    /// How many events a rebuild would read now.
    static func events(in transaction: any Transaction) throws -> Int64 {
        try Checkpoint.numbers(of: .accounting, in: transaction).values.reduce(0, +)
    }

    /// Stops a rebuild. What it has read stays, and it can continue from there. Does nothing if the rebuild is over.
    static func stop(_ id: ID, in transaction: any Transaction) throws -> Rebuild {
        try change(id, from: .running, to: .stopped, in: transaction)
    }

    /// Resumes a rebuild that was stopped. Does nothing if it is over.
    static func resume(_ id: ID, in transaction: any Transaction) throws -> Rebuild {
        try change(id, from: .stopped, to: .running, in: transaction)
    }

    /// Abandons a rebuild, running or stopped: the figures stay as they are, and what was built is deleted. Does
    /// nothing if the rebuild is over.
    static func abandon(_ id: ID, at now: Instant, in transaction: any Transaction) throws -> Rebuild {
        _ = try Generation.locked(in: transaction)
        guard let rebuild = try Rebuild.one(id, in: transaction) else { throw Problem.notFound }
        guard !rebuild.isOver else { return rebuild }
        try transaction.send("UPDATE generation SET building = NULL WHERE one = 1")
        try transaction.send("DELETE FROM rebuild_position WHERE generation = \(rebuild.generation)")
        try transaction.send(
            """
            UPDATE rebuild SET state = \(Rebuild.State.abandoned), ended_at = \(now)
            WHERE generation = \(rebuild.generation)
            """)
        return try known(rebuild.generation, in: transaction)
    }

    private static func change(
        _ id: ID, from: Rebuild.State, to: Rebuild.State, in transaction: any Transaction
    ) throws -> Rebuild {
        _ = try Generation.locked(in: transaction)
        guard let rebuild = try Rebuild.one(id, in: transaction) else { throw Problem.notFound }
        guard rebuild.state == from else { return rebuild }
        try set(to, of: rebuild.generation, in: transaction)
        return try known(rebuild.generation, in: transaction)
    }

    private static func set(_ state: Rebuild.State, of generation: Int, in transaction: any Transaction) throws {
        try transaction.send("UPDATE rebuild SET state = \(state) WHERE generation = \(generation)")
    }

    private static func known(_ generation: Int, in transaction: any Transaction) throws -> Rebuild {
        guard let rebuild = try Rebuild.of(generation, in: transaction) else {
            throw StorageError.failed("generation \(generation) of the figures is being built by no rebuild")
        }
        return rebuild
    }
}
