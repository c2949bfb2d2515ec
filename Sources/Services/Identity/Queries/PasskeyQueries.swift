import Storage
import Values
import WebAuthn

/// Queries for passkeys and recovery codes.
enum PasskeyQueries {
    private static let columns: SQL = """
        id, person, credential, name, key, counter, model, backup_eligible, backed_up, verified, transports, created_at,
        used_at, suspect_at, code
        """

    /// A person's passkeys, the oldest first.
    static func of(_ person: ID, _ sealing: Sealing, in transaction: any Transaction) throws -> [Passkey] {
        try transaction.fetch(
            "SELECT \(columns) FROM identity_passkey WHERE person = \(person) ORDER BY id LIMIT 100"
        ).map { try read($0, sealing) }
    }

    /// The passkey with this id of the authenticator's.
    static func find(
        credential: [UInt8], _ sealing: Sealing, in transaction: any Transaction
    ) throws -> Passkey? {
        try transaction.fetchOne("SELECT \(columns) FROM identity_passkey WHERE credential = \(credential)")
            .map { try read($0, sealing) }
    }

    /// A passkey of this person.
    static func find(
        _ id: ID, of person: ID, _ sealing: Sealing, in transaction: any Transaction
    ) throws -> Passkey? {
        try transaction.fetchOne(
            "SELECT \(columns) FROM identity_passkey WHERE id = \(id) AND person = \(person)"
        ).map { try read($0, sealing) }
    }

    static func has(_ person: ID, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT id FROM identity_passkey WHERE person = \(person) LIMIT 1") != nil
    }

    /// The passkeys that Identity did not store, or stored for somebody else (X60).
    static func wrong(_ sealing: Sealing, in transaction: any Transaction) throws -> [(id: ID, person: ID)] {
        var wrong: [(id: ID, person: ID)] = []
        try transaction.forEach("SELECT \(columns) FROM identity_passkey ORDER BY person, id") { row in
            let passkey = try read(row, sealing)
            if passkey.credential == nil { wrong.append((passkey.id, passkey.person)) }
        }
        return wrong
    }

    /// How many recovery codes are left.
    static func codes(of person: ID, in transaction: any Transaction) throws -> Int {
        try transaction.value("SELECT COUNT(*) FROM identity_recovery WHERE person = \(person)") ?? 0
    }

    /// Whether the person has this recovery code.
    static func has(_ code: RecoveryCode, of person: ID, _ sealing: Sealing, in transaction: any Transaction) throws
        -> Bool
    {
        let hash = sealing.recovery(code.text, person: person)
        return try transaction.fetchOne(
            "SELECT person FROM identity_recovery WHERE hash = \(hash) AND person = \(person)") != nil
    }

    private static func read(_ row: Row, _ sealing: Sealing) throws -> Passkey {
        let (id, person): (ID, ID) = (try row(0), try row(1))
        let (rawID, key, code): ([UInt8], [UInt8], [UInt8]) = (try row(2), try row(4), try row(14))
        let (counter, isBackedUp): (Int64, Bool) = (try row(5), try row(8))
        var credential: Credential?
        if code.isSame(as: sealing.code(ofPasskey: id, credential: rawID, key: key, person: person)),
            let key = try? COSEKey(key), let counter = UInt32(exactly: counter)
        {
            // The format of the attestation is not kept: it was not checked.
            credential = Credential(
                id: rawID, key: key, counter: counter, model: try row(6), isBackupEligible: try row(7),
                isBackedUp: isBackedUp, isVerified: try row(9), transports: try row(10, as: String.self).words(),
                format: "")
        }
        return Passkey(
            id: id, person: person, name: try row(3), rawID: rawID, credential: credential, isBackedUp: isBackedUp,
            created: try row(11), used: try row(12), suspect: try row(13))
    }
}
