import Storage

extension IdentitySchema {
    /// More ways to sign in than a password.
    static let signIn = Migration(
        5, "passkeys, recovery codes, tickets, devices",
        [
            // `ways`: how the person proved who they are, separated by spaces; NULL for programs, and for sessions from
            // before this step. `agent`: what the browser called itself.
            "ALTER TABLE identity_session ADD COLUMN ways TEXT",
            "ALTER TABLE identity_session ADD COLUMN agent TEXT",
            // `credential`: the authenticator's id of it. `key`: COSE. `code`: proves that Identity stored this row for
            // this person (X60). `suspect_at`: when its counter went back, which a copy of it would explain.
            """
            CREATE TABLE identity_passkey (
                id BLOB PRIMARY KEY,
                person BLOB NOT NULL,
                credential BLOB NOT NULL UNIQUE,
                name TEXT NOT NULL,
                key BLOB NOT NULL,
                counter INTEGER NOT NULL,
                model BLOB NOT NULL,
                backup_eligible INTEGER NOT NULL,
                backed_up INTEGER NOT NULL,
                verified INTEGER NOT NULL,
                transports TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                used_at INTEGER,
                suspect_at INTEGER,
                code BLOB NOT NULL
            ) STRICT
            """,
            "CREATE INDEX identity_passkey_person ON identity_passkey (person, id)",
            // Codes that were printed once, for somebody who lost their device: each a keyed hash of what was printed.
            """
            CREATE TABLE identity_recovery (
                hash BLOB PRIMARY KEY,
                person BLOB NOT NULL,
                created_at INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX identity_recovery_person ON identity_recovery (person)",
            // The tickets that were used: each can be used once. The tickets themselves are not stored.
            """
            CREATE TABLE identity_spent (
                id BLOB PRIMARY KEY,
                until INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX identity_spent_until ON identity_spent (until)",
            // Changes when a backup is put back, since what was spent after the backup is not known then: tickets of
            // another epoch are refused.
            "CREATE TABLE identity_epoch (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL) STRICT",
            "INSERT INTO identity_epoch (one, epoch) VALUES (1, 0)",
        ])
}
