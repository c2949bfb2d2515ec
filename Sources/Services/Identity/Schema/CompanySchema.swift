import Storage

extension IdentitySchema {
    /// Accounts at the company's identity provider (OpenID Connect).
    static let company = Migration(
        6, "accounts at the company's identity provider",
        [
            // `subject`: who it is at this issuer. `code`: proves that Identity stored this row for this person (X60).
            """
            CREATE TABLE identity_company_account (
                id BLOB PRIMARY KEY,
                person BLOB NOT NULL,
                issuer TEXT NOT NULL,
                subject TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                used_at INTEGER,
                code BLOB NOT NULL,
                UNIQUE (issuer, subject)
            ) STRICT
            """,
            "CREATE INDEX identity_company_account_person ON identity_company_account (person, id)",
            "INSERT INTO identity_gate (name) VALUES ('company')",
        ])
}
