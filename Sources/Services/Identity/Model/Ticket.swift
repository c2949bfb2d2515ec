import Directory
import Storage
import Values
import Web

/// A short-lived proof that Identity itself gave out: in a link, in a form's hidden field, or as a passkey's challenge.
/// It is signed and not stored, so asking for one costs no row. What is stored is only that it was used: each works
/// once.
struct Ticket: Sendable, Hashable {
    /// What it was given out for. It is refused for anything else.
    enum Purpose: String, Sendable, CaseIterable {
        /// A link that signs a person in (S8).
        case link
        /// The same, made by an admin for somebody who has no other way in.
        case handedLink = "handed link"
        /// A password, or a link, was right, and a passkey is asked for as the second step.
        case secondStep = "second step"
        /// The challenge for a passkey that is being made.
        case registration
        /// The challenge for a passkey that is being used.
        case assertion
        /// Signing in with the account at the company's identity provider.
        case company
        /// The same, to confirm who one is.
        case companyProof = "company proof"

        /// How long it works, in seconds. Letters take a while, and so do the forms of a provider.
        var seconds: Int64 {
            switch self {
            case .link, .handedLink, .company, .companyProof: 900
            case .secondStep, .registration, .assertion: 300
            }
        }
    }

    /// The letter's, or its own: tickets with the same id can be used once together.
    let id: ID
    /// Whom it is for; the id of zeros if nobody has been named yet.
    let person: ID
    let made: Instant

    static let nobody = ID(high: 0, low: 0)
    /// Id, person, and time in milliseconds, before the code of 32 bytes.
    static let bodyLength = 40

    var body: [UInt8] {
        id.bytes + person.bytes + (0..<8).reversed().map { UInt8(truncatingIfNeeded: made.milliseconds >> ($0 * 8)) }
    }

    init(id: ID, person: ID = Ticket.nobody, made: Instant) {
        (self.id, self.person, self.made) = (id, person, made)
    }

    /// The claim in the bytes; its code is not checked.
    init?(claimedBy bytes: [UInt8]) {
        guard bytes.count == Ticket.bodyLength + 32, let id = ID(bytes: Array(bytes[0..<16])),
            let person = ID(bytes: Array(bytes[16..<32]))
        else { return nil }
        let time = bytes[32..<40].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        (self.id, self.person, made) = (id, person, Instant(milliseconds: Int64(bitPattern: time)))
    }
}

extension IdentityCommands {
    /// A new ticket, as the bytes that are given out.
    /// - Parameter bound: what must be the same when it is used: the person's address, a session, a stored password.
    func ticket(
        _ purpose: Ticket.Purpose, id: ID? = nil, for person: ID = Ticket.nobody, bound: [UInt8] = [],
        _ environment: Environment, in transaction: any Transaction
    ) throws -> [UInt8] {
        let ticket = Ticket(id: id ?? environment.newID(), person: person, made: environment.now())
        return try ticket.body + sealing.code(of: ticket, purpose, epoch: epoch(in: transaction), bound: bound)
    }

    /// The ticket, if it was given out for this purpose, is not too old, and was not used. Reads only.
    /// - Parameter bound: of the ticket's person.
    func open(
        _ bytes: [UInt8], _ purpose: Ticket.Purpose, at now: Instant, in transaction: any Transaction,
        bound: (_ person: ID) throws -> [UInt8]
    ) throws -> Ticket? {
        guard let ticket = Ticket(claimedBy: bytes) else { return nil }
        let code = try sealing.code(of: ticket, purpose, epoch: epoch(in: transaction), bound: bound(ticket.person))
        // A ticket of the future was given out before the clock was put back (X65); other processes' clocks may be a
        // little ahead.
        guard code.isSame(as: Array(bytes[Ticket.bodyLength...])), now < ticket.made.adding(seconds: purpose.seconds),
            ticket.made < now.adding(seconds: 60)
        else { return nil }
        let spent = try transaction.fetchOne("SELECT id FROM identity_spent WHERE id = \(ticket.id)")
        return spent == nil ? ticket : nil
    }

    /// Uses a ticket up.
    /// - Returns: `false` if it had been used.
    func spend(_ ticket: Ticket, _ act: CommandContext) throws -> Bool {
        // Kept for a day more than any ticket works, so that a clock that was put back finds it.
        try act.transaction.change(
            """
            INSERT INTO identity_spent (id, until) VALUES (\(ticket.id), \(act.now.adding(seconds: 2 * 86_400)))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    private func epoch(in transaction: any Transaction) throws -> Int64 {
        try transaction.value("SELECT epoch FROM identity_epoch WHERE one = 1") ?? 0
    }
}
