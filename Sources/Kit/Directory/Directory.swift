import Messaging
import Storage
import Values

/// A service's own copy of who is who (X5), kept by Identity's events: with it a service knows what a person may do,
/// and checks a token, while Identity is away. Identity itself keeps its people in the same tables, so that the same
/// guard stands before every service.
package enum Directory {
    /// The tables, for the kit's first step.
    package static let schema = [
        """
        CREATE TABLE IF NOT EXISTS directory_person (
            id BLOB PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT NOT NULL,
            roles TEXT NOT NULL,
            active INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS directory_person_name ON directory_person (name, id)",
        // Sessions that ended before their token did. Kept until the token would have expired anyway.
        """
        CREATE TABLE IF NOT EXISTS directory_revoked (
            session BLOB PRIMARY KEY,
            until INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS directory_revoked_until ON directory_revoked (until)",
        // Public keys that tokens are checked with: 65 bytes, uncompressed P-256.
        """
        CREATE TABLE IF NOT EXISTS directory_key (
            id TEXT PRIMARY KEY,
            public BLOB NOT NULL,
            until INTEGER NOT NULL
        ) STRICT
        """,
        // People whose last Identity event had to be parked: they are denied until it is applied.
        "CREATE TABLE IF NOT EXISTS directory_denied (person BLOB PRIMARY KEY) STRICT",
    ]
}
