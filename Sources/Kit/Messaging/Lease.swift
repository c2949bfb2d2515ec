import Storage
import Values

/// Who is at work on a service's journal and checkpoints: one running program.
package struct Owner: Sendable, Hashable {
    /// In the distributed shape one name a process; in the embedded one always the same.
    package let name: String
    /// Whether nobody else can be at work on this database (the lock on the data folder): its leases are taken at once
    /// and need no beat.
    package let alone: Bool

    package init(name: String, alone: Bool) {
        precondition(!name.isEmpty, "an owner has a name")
        self.name = name
        self.alone = alone
    }

    /// The embedded shape: whoever holds the folder's lock.
    package static let embedded = Owner(name: "embedded", alone: true)
}

/// The right to relay a journal or to consume a topic, for one owner at a time, kept in the service's own database: a
/// counter that its owner beats. Whoever sees it unmoved for three seconds of its own uptime takes over. A lease only
/// saves work and keeps order; what makes two owners harmless is that every write asks who the owner is.
///
/// The rows of ``Peers`` are of the same table: what a process beats for itself.
struct Lease: Sendable {
    static let schema = """
        CREATE TABLE IF NOT EXISTS lease (
            name TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            beat INTEGER NOT NULL
        ) STRICT
        """

    /// How long, in milliseconds of one's own uptime, another's lease must stand still.
    static let patience: Int64 = 3000
    /// How often the holder beats, in milliseconds.
    static let pulse: Int64 = 1000

    /// Another's lease as it was first seen.
    struct Sight: Sendable, Equatable {
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
    private var sight: Sight?
    private var beatenAt: Int64 = 0

    init(name: String, owner: Owner) {
        self.name = name
        self.owner = owner
    }

    /// Tries to take the lease in a transaction; `taken` runs in it where that worked. Returns what `taken` gave, or
    /// `nil` while another holds it. A holder that `isDead` need not be watched first.
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
                self.sight = Sight(owner: other, beat: beat, since: uptime)
            }
        }
        return result
    }

    private static func claim(
        _ name: String, for owner: Owner, sight: Sight?, uptime: Int64, isDead: (String) -> Bool,
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

    /// Whether the holder should beat by now; an owner who is alone never does.
    func isDue(uptime: Int64) -> Bool {
        !owner.alone && uptime - beatenAt >= Lease.pulse
    }

    /// Moves the counter.
    /// - Throws: ``LeaseLost`` where another has taken over.
    mutating func beat(in database: any Database, uptime: Int64) throws {
        let (name, owner) = (name, owner)
        try database.write { transaction in try Lease.fence(name, owner, in: transaction) }
        beatenAt = uptime
    }

    /// Moves the counter in a transaction that may only be the owner's. Where the owner is alone there is nothing to
    /// ask.
    /// - Throws: ``LeaseLost``, which rolls the transaction back.
    static func fence(_ name: String, _ owner: Owner, in transaction: any Transaction) throws {
        guard !owner.alone else { return }
        let moved = try transaction.changeQuietly(
            "UPDATE lease SET beat = beat + 1 WHERE name = \(name) AND owner = \(owner.name)")
        guard moved == 1 else { throw LeaseLost(name: name) }
    }

    mutating func noteBeat(uptime: Int64) { beatenAt = uptime }

    /// Gives it up, so that another can go on at once.
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

/// Another owner has taken over; what was under way is rolled back.
package struct LeaseLost: Error, CustomStringConvertible {
    package let name: String
    package var description: String { "another program has taken over: \(name)" }
}
