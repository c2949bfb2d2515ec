import Storage

/// Payouts' own tables, beside those of the kit.
enum PayoutsSchema {
    static func migrations(_ codes: PayoutCodes) -> [Migration] {
        steps + [
            Migration(
                4, "codes of payouts, history of destinations",
                [
                    // Proves that a close requested this sum for this person; see ``PayoutCodes``.
                    "ALTER TABLE payout ADD COLUMN code BLOB",
                    // The destinations that people have set, in order; the ids are those of the events.
                    """
                    CREATE TABLE destination (
                        id BLOB PRIMARY KEY,
                        person BLOB NOT NULL,
                        kind TEXT NOT NULL,
                        tail TEXT NOT NULL,
                        at INTEGER NOT NULL
                    ) STRICT
                    """,
                    "CREATE INDEX destination_person ON destination (person, id)",
                ], then: { try codes.give(in: $0) })
        ]
    }

    private static let steps = [
        Migration(1, "payouts, destinations, attempts", own + BuiltInProvider.schema),
        // Who decided the outcome, if the provider could not be asked any more.
        Migration(2, "settled by hand", ["ALTER TABLE attempt ADD COLUMN settled_by BLOB"]),
        // `limited` is 1 while the payout is above the limit and waits for a release.
        Migration(
            3, "payouts above the limit",
            [
                "ALTER TABLE payout ADD COLUMN limited INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE payout ADD COLUMN released_by BLOB",
                // The sum that the provider says it has paid, if that is not what was asked for.
                "ALTER TABLE attempt ADD COLUMN disputed INTEGER",
            ]),
    ]

    private static let own = [
        // A keyed fingerprint of the key that destinations are encrypted with.
        """
        CREATE TABLE vault (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            fingerprint BLOB NOT NULL,
            since INTEGER NOT NULL
        ) STRICT
        """,
        // Where people's money goes; empty until they have set it.
        """
        CREATE TABLE payee (
            person BLOB PRIMARY KEY,
            kind TEXT,
            sealed BLOB,
            tail TEXT,
            changed_at INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE payout (
            id BLOB PRIMARY KEY,
            person BLOB NOT NULL,
            day INTEGER NOT NULL,
            sum INTEGER NOT NULL CHECK (sum > 0),
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            due_at INTEGER,
            asked_by BLOB,
            requested_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            trace TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX payout_due ON payout (state, due_at) WHERE due_at IS NOT NULL",
        "CREATE INDEX payout_state ON payout (state, id)",
        "CREATE INDEX payout_person ON payout (person, id)",
        "CREATE INDEX payout_day ON payout (day, id)",
        """
        CREATE TABLE attempt (
            payout BLOB NOT NULL,
            number INTEGER NOT NULL,
            provider TEXT NOT NULL,
            sealed BLOB,
            tail TEXT,
            asked_by BLOB,
            started_at INTEGER NOT NULL,
            calls INTEGER NOT NULL,
            trouble TEXT,
            outcome TEXT NOT NULL,
            reason TEXT,
            reference TEXT,
            ended_at INTEGER,
            PRIMARY KEY (payout, number)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE hold (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            since INTEGER NOT NULL,
            set_by BLOB,
            released_at INTEGER,
            released_by BLOB
        ) STRICT
        """,
        "CREATE INDEX hold_lasting ON hold (number) WHERE released_at IS NULL",
    ]
}
