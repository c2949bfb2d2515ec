import Storage

/// Identity's tables. People themselves are in the Directory's tables, as in every service, so that the same guard
/// works.
enum IdentitySchema {
    static func migrations(_ sealing: Sealing) -> [Migration] {
        steps + [
            // Before this step, one person's password row could replace another's without notice (X60).
            Migration(
                3, "codes of passwords", ["ALTER TABLE identity_credential ADD COLUMN code BLOB"],
                then: { try PeopleQueries.giveCodes(sealing, in: $0) }),
            // `scopes`: what a program's token may change, separated by spaces. NULL for a person, and for tokens from
            // before there were scopes, which may change whatever their person may.
            Migration(
                4, "scopes of tokens, last uses",
                [
                    "ALTER TABLE identity_session ADD COLUMN scopes TEXT",
                    "ALTER TABLE identity_session ADD COLUMN used_at INTEGER",
                ]),
            signIn, company,
        ]
    }

    private static let steps = [
        Migration(1, "people, credentials, sessions, keys", own),
        // Step 1 stored the domains of addresses as they were typed, and the words of names with their accents. People
        // in this table still have the old form, see ``Renewal``.
        Migration(
            2, "addresses as mail sends them, people by folded words",
            [
                "CREATE TABLE identity_stale (person BLOB PRIMARY KEY) STRICT",
                "INSERT INTO identity_stale (person) SELECT id FROM identity_person",
            ]),
    ]

    private static let own = [
        // The columns that only Identity needs. `email_key` is the normalized address; NULL if there is none.
        // `external` is the name under which an import knows the person.
        """
        CREATE TABLE identity_person (
            id BLOB PRIMARY KEY,
            name_key TEXT NOT NULL,
            email_key TEXT UNIQUE,
            external TEXT UNIQUE,
            created_at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX identity_person_name ON identity_person (name_key, id)",
        // The words of a person's name and e-mail address, folded, for search by the beginnings of words.
        """
        CREATE TABLE identity_word (
            word TEXT NOT NULL,
            person BLOB NOT NULL,
            PRIMARY KEY (word, person)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX identity_word_person ON identity_word (person)",
        // The active admins, so that the last one is recognized without reading everybody.
        "CREATE TABLE identity_admin (person BLOB PRIMARY KEY) STRICT",
        // Rows that are locked so that two writers do not work at once.
        "CREATE TABLE identity_gate (name TEXT PRIMARY KEY) STRICT",
        "INSERT INTO identity_gate (name) VALUES ('admins'), ('batch'), ('keys')",
        """
        CREATE TABLE identity_credential (
            person BLOB PRIMARY KEY,
            salt BLOB NOT NULL,
            hash BLOB NOT NULL,
            rounds INTEGER NOT NULL,
            block INTEGER NOT NULL,
            parallel INTEGER NOT NULL,
            changed_at INTEGER NOT NULL
        ) STRICT
        """,
        // `kind`: browser (a person signed in) or program (a token that a program holds).
        """
        CREATE TABLE identity_session (
            id BLOB PRIMARY KEY,
            person BLOB NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            address TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            until INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT
        """,
        "CREATE INDEX identity_session_person ON identity_session (person, id) WHERE ended_at IS NULL",
        "CREATE INDEX identity_session_until ON identity_session (until)",
        // `sealed`: the private key under the installation's secret; gone once a later key signs.
        """
        CREATE TABLE identity_key (
            id TEXT PRIMARY KEY,
            public BLOB NOT NULL,
            sealed BLOB,
            signs_from INTEGER NOT NULL,
            signs_until INTEGER NOT NULL,
            until INTEGER NOT NULL
        ) STRICT
        """,
        // Links with which a person sets the first or a new password. The link itself is not stored: it is computed
        // from the row and the installation's secret.
        """
        CREATE TABLE identity_welcome (
            id BLOB PRIMARY KEY,
            person BLOB NOT NULL,
            until INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX identity_welcome_person ON identity_welcome (person, id)",
        "CREATE INDEX identity_welcome_until ON identity_welcome (until)",
        """
        CREATE TABLE identity_history (
            id BLOB PRIMARY KEY,
            person BLOB NOT NULL,
            at INTEGER NOT NULL,
            by_person BLOB,
            what TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX identity_history_person ON identity_history (person, id)",
        // Failed sign-ins. A slot is a keyed hash, 20 bits long, of what the attempts count against. So the table has a
        // bounded size, and nobody can aim at another person's slot.
        """
        CREATE TABLE identity_attempt (
            slot INTEGER PRIMARY KEY,
            failures INTEGER NOT NULL,
            wait_until INTEGER NOT NULL,
            forget_at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX identity_attempt_forget ON identity_attempt (forget_at)",
        // Addresses from which a person has signed in before. Failures of others do not delay sign-ins from these.
        """
        CREATE TABLE identity_known_address (
            person BLOB NOT NULL,
            address BLOB NOT NULL,
            forget_at INTEGER NOT NULL,
            PRIMARY KEY (person, address)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX identity_known_address_forget ON identity_known_address (forget_at)",
    ]
}
