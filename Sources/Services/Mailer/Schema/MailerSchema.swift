import Storage

/// The Mailer's own tables, beside those of the kit.
enum MailerSchema {
    static let migrations = [
        Migration(1, "letters", own),
        // `addressee`: the person's old address, if the letter goes there; NULL for the person's address at the time of
        // sending.
        Migration(2, "letters to old addresses", ["ALTER TABLE letter ADD COLUMN addressee TEXT"]),
        Migration(
            3, "letters that were not delivered, by time",
            ["CREATE INDEX letter_undelivered ON letter (ended_at) WHERE state IN ('refused', 'given-up')"]),
    ]

    private static let own = [
        // Only the first waiting letter of a person has `next_try`. This keeps the order, and due letters are found
        // without reading those that wait behind them.
        """
        CREATE TABLE letter (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            person BLOB NOT NULL,
            kind TEXT NOT NULL,
            day INTEGER,
            items INTEGER NOT NULL,
            content BLOB,
            language TEXT NOT NULL,
            address TEXT,
            state TEXT NOT NULL,
            at INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            failures INTEGER NOT NULL,
            next_try INTEGER,
            deadline INTEGER NOT NULL,
            words TEXT NOT NULL,
            ended_at INTEGER,
            copies INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX letter_person ON letter (person, position)",
        "CREATE INDEX letter_state ON letter (state, position)",
        "CREATE INDEX letter_waiting ON letter (person, position) WHERE state = 'waiting'",
        "CREATE INDEX letter_due ON letter (next_try) WHERE next_try IS NOT NULL",
        "CREATE INDEX letter_content ON letter (at) WHERE content IS NOT NULL",
        // One letter for each account and day (X27).
        "CREATE UNIQUE INDEX letter_day ON letter (person, day) WHERE day IS NOT NULL",
        // An attempt begins before the letter is sent, and ends after it. If one has no end, the letter may or may not
        // have arrived.
        """
        CREATE TABLE attempt (
            letter INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            address TEXT NOT NULL,
            ended_at INTEGER,
            outcome TEXT,
            words TEXT NOT NULL,
            PRIMARY KEY (letter, number)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE outbox (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            sends_from INTEGER,
            held_at INTEGER,
            paused_until INTEGER,
            away_since INTEGER,
            failures INTEGER NOT NULL,
            words TEXT NOT NULL
        ) STRICT
        """,
        // Assignments that are not in a letter yet, and since when each person's assignments are gathered.
        """
        CREATE TABLE assignment (
            person BLOB NOT NULL,
            event BLOB NOT NULL,
            task BLOB NOT NULL,
            title TEXT NOT NULL,
            jira_id TEXT,
            at INTEGER NOT NULL,
            PRIMARY KEY (person, event)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE TABLE gathering (person BLOB PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE INDEX gathering_since ON gathering (since)",
        // Operations of days that are not closed yet, for the letter at the close. The number is that of the event. It
        // is unique and in order for a person, so this table needs no other index.
        """
        CREATE TABLE operation (
            person BLOB NOT NULL,
            day INTEGER NOT NULL,
            number INTEGER NOT NULL,
            kind TEXT NOT NULL,
            what TEXT NOT NULL,
            jira_id TEXT,
            sum INTEGER NOT NULL,
            balance INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (person, day, number)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
