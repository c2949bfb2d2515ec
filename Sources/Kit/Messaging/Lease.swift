import Storage

/// The right to relay a journal or to consume a topic, for one owner at a time. It is kept in the service's own
/// database, as a heartbeat counter that its owner increments. A process that sees the counter unchanged for three
/// seconds of its own uptime takes over. A lease only saves work and keeps order. Two owners at once do no harm,
/// because every write checks who the owner is.
///
/// The rows of ``Peers`` are in the same table: there each process has a heartbeat counter of its own.
struct Lease: Sendable {
    static let schema = """
        CREATE TABLE IF NOT EXISTS lease (
            name TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            beat INTEGER NOT NULL
        ) STRICT
        """

    /// How long another owner's lease must stay unchanged, in milliseconds of this process's uptime.
    static let patience: Int64 = 3000
    /// The time between heartbeats of the holder, in milliseconds.
    static let pulse: Int64 = 1000

    /// Another owner's lease as it was first seen.
    struct Observation: Sendable, Equatable {
        let owner: String
        let beat: Int64
        let since: Int64
    }

    enum Claim: Sendable {
        case held
        case heldBy(owner: String, beat: Int64)
    }

    let name: String
    let owner: Owner
    private(set) var isHeld = false
    private var sight: Observation?
    private var beatenAt: Int64 = 0

    init(name: String, owner: Owner) {
        self.name = name
        self.owner = owner
    }

    /// Tries to take the lease in a transaction. On success, `taken` runs in that transaction, and its result is
    /// returned; `nil` while another owner holds the lease. If `isDead` says that the holder is dead, the lease is
    /// taken without watching it first.
    mutating func take<T: Sendable>(
        in database: any Database, uptime: Int64, isDead: @escaping @Sendable (String) -> Bool = { _ in false },
        taken: @escaping @Sendable (any Transaction) throws -> T
    ) throws -> T? {
        let (name, owner, sight) = (name, owner, sight)
        let (claim, result) = try database.write { transaction -> (Claim, T?) in
            let claim = try Self.claim(
                name, for: owner, sight: sight, uptime: uptime, isDead: isDead, in: transaction)
            guard case .held = claim else { return (claim, nil) }
            return (claim, try taken(transaction))
        }
        switch claim {
        case .held:
            isHeld = true
            self.sight = nil
            beatenAt = uptime
        case .heldBy(let other, let beat):
            isHeld = false
            if sight?.owner != other || sight?.beat != beat {
                self.sight = Observation(owner: other, beat: beat, since: uptime)
            }
        }
        return result
    }

    private static func claim(
        _ name: String, for owner: Owner, sight: Observation?, uptime: Int64, isDead: (String) -> Bool,
        in transaction: any Transaction
    ) throws -> Claim {
        try transaction.send(
            "INSERT INTO lease (name, owner, beat) VALUES (\(name), \(owner.name), 0) ON CONFLICT (name) DO NOTHING")
        let rows = try transaction.fetchLocking("SELECT owner, beat FROM lease WHERE name = \(name)")
        guard let row = rows.first else { throw StorageError.failed("the lease \(name) has no row") }
        let holder: String = try row(0)
        let beat: Int64 = try row(1)
        let stale = sight.map { $0.owner == holder && $0.beat == beat && uptime - $0.since >= patience } ?? false
        guard owner.alone || holder == owner.name || holder.isEmpty || stale || isDead(holder) else {
            return .heldBy(owner: holder, beat: beat)
        }
        try transaction.send("UPDATE lease SET owner = \(owner.name), beat = beat + 1 WHERE name = \(name)")
        return .held
    }

    /// Whether the holder's next heartbeat is due. An owner who is alone needs none.
    func isDue(uptime: Int64) -> Bool {
        !owner.alone && uptime - beatenAt >= Lease.pulse
    }

    /// Increments the counter.
    /// - Throws: ``LeaseLost`` if another owner has taken over.
    mutating func beat(in database: any Database, uptime: Int64) throws {
        let (name, owner) = (name, owner)
        try database.write { transaction in try Lease.fence(name, owner, in: transaction) }
        beatenAt = uptime
    }

    /// Increments the counter in a transaction that only the owner may commit. Does nothing if the owner is alone.
    /// - Throws: ``LeaseLost``, which rolls the transaction back.
    static func fence(_ name: String, _ owner: Owner, in transaction: any Transaction) throws {
        guard !owner.alone else { return }
        let moved = try transaction.changeQuietly(
            "UPDATE lease SET beat = beat + 1 WHERE name = \(name) AND owner = \(owner.name)")
        guard moved == 1 else { throw LeaseLost(name: name) }
    }

    mutating func noteBeat(uptime: Int64) { beatenAt = uptime }

    /// Gives up the lease, so that another owner can continue at once.
    mutating func release(in database: any Database) throws {
        guard isHeld else { return }
        isHeld = false
        guard !owner.alone else { return }
        let (name, owner) = (name, owner)
        try database.write { transaction in
            try transaction.send("UPDATE lease SET owner = '' WHERE name = \(name) AND owner = \(owner.name)")
        }
    }

    mutating func lose() { isHeld = false }
}
