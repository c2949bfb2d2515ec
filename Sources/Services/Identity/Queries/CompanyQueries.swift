import Storage
import Values

/// Queries for accounts at the company's identity provider.
enum CompanyQueries {
    private static let columns: SQL = "id, person, issuer, subject, created_at, used_at, code"

    static func find(
        issuer: String, subject: String, _ sealing: Sealing, in transaction: any Transaction
    ) throws -> CompanyAccount? {
        try transaction.fetchOne(
            "SELECT \(columns) FROM identity_company_account WHERE issuer = \(issuer) AND subject = \(subject)"
        ).map { try read($0, sealing) }
    }

    /// A person's accounts, the oldest first.
    static func of(_ person: ID, _ sealing: Sealing, in transaction: any Transaction) throws -> [CompanyAccount] {
        try transaction.fetch(
            "SELECT \(columns) FROM identity_company_account WHERE person = \(person) ORDER BY id LIMIT 100"
        ).map { try read($0, sealing) }
    }

    /// An account of this person.
    static func find(
        _ id: ID, of person: ID, _ sealing: Sealing, in transaction: any Transaction
    ) throws -> CompanyAccount? {
        try transaction.fetchOne(
            "SELECT \(columns) FROM identity_company_account WHERE id = \(id) AND person = \(person)"
        ).map { try read($0, sealing) }
    }

    /// The accounts that Identity did not store, or stored for somebody else (X60).
    static func wrong(_ sealing: Sealing, in transaction: any Transaction) throws -> [(id: ID, person: ID)] {
        var wrong: [(id: ID, person: ID)] = []
        try transaction.forEach("SELECT \(columns) FROM identity_company_account ORDER BY person, id") { row in
            let account = try read(row, sealing)
            if !account.isOurs { wrong.append((account.id, account.person)) }
        }
        return wrong
    }

    private static func read(_ row: Row, _ sealing: Sealing) throws -> CompanyAccount {
        let (id, person): (ID, ID) = (try row(0), try row(1))
        let (issuer, subject): (String, String) = (try row(2), try row(3))
        let code: [UInt8] = try row(6)
        return CompanyAccount(
            id: id, person: person, issuer: issuer, subject: subject, created: try row(4), used: try row(5),
            isOurs: code.isSame(as: sealing.code(ofAccount: id, issuer: issuer, subject: subject, person: person)))
    }
}
