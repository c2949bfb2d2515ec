import Storage

/// Analytics' own tables, beside those of the kit. Every figure belongs to a generation: a rebuild fills the next one
/// while readers see the current one.
enum AnalyticsSchema {
    static let migrations = [Migration(1, "figures", own)]

    private static let own = [
        // The generation that is shown, and the one that is being built.
        """
        CREATE TABLE generation (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            current INTEGER NOT NULL,
            building INTEGER
        ) STRICT
        """,
        "INSERT INTO generation (one, current) VALUES (1, 1)",
        // The events that a generation holds: a bit for each number of a partition. See `Seen`.
        """
        CREATE TABLE seen (
            generation INTEGER NOT NULL,
            slot INTEGER NOT NULL,
            bits BLOB NOT NULL,
            PRIMARY KEY (generation, slot)
        ) STRICT, WITHOUT ROWID
        """,
        // A day of the company; the last two columns are the counts from its close.
        """
        CREATE TABLE day_figure (
            generation INTEGER NOT NULL,
            day INTEGER NOT NULL,
            fees INTEGER NOT NULL,
            rewards INTEGER NOT NULL,
            operations INTEGER NOT NULL,
            closes INTEGER NOT NULL,
            below_zero INTEGER NOT NULL,
            sealed_operations INTEGER,
            sealed_accounts INTEGER,
            PRIMARY KEY (generation, day)
        ) STRICT, WITHOUT ROWID
        """,
        // The dearest task completed on a day.
        """
        CREATE TABLE dearest (
            generation INTEGER NOT NULL,
            day INTEGER NOT NULL,
            sum INTEGER NOT NULL,
            event BLOB NOT NULL,
            task BLOB NOT NULL,
            title TEXT NOT NULL,
            jira_id TEXT,
            person BLOB NOT NULL,
            PRIMARY KEY (generation, day)
        ) STRICT, WITHOUT ROWID
        """,
        // The sums of one person's operations on a day; `balance` is the one after the event of this `number`.
        """
        CREATE TABLE person_day (
            generation INTEGER NOT NULL,
            day INTEGER NOT NULL,
            person BLOB NOT NULL,
            operations INTEGER NOT NULL,
            charged INTEGER NOT NULL,
            rewarded INTEGER NOT NULL,
            corrected INTEGER NOT NULL,
            paid INTEGER NOT NULL,
            balance INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (generation, day, person)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX person_day_person ON person_day (generation, person, day)",
        // Every operation. The day comes first in the key, so that new rows are stored next to each other.
        """
        CREATE TABLE operation (
            generation INTEGER NOT NULL,
            day INTEGER NOT NULL,
            person BLOB NOT NULL,
            number INTEGER NOT NULL,
            id BLOB NOT NULL,
            kind TEXT NOT NULL,
            sum INTEGER NOT NULL,
            balance INTEGER NOT NULL,
            task BLOB,
            title TEXT,
            jira_id TEXT,
            reason TEXT,
            time INTEGER NOT NULL,
            PRIMARY KEY (generation, day, person, number)
        ) STRICT, WITHOUT ROWID
        """,
        // Each person's balance after the event of this `number`, the person's latest.
        """
        CREATE TABLE person_balance (
            generation INTEGER NOT NULL,
            person BLOB NOT NULL,
            balance INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (generation, person)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX person_balance_below ON person_balance (generation, balance, person) WHERE balance < 0",
        // Every rebuild; `swept` once the figures that it replaced are deleted.
        """
        CREATE TABLE rebuild (
            generation INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            state TEXT NOT NULL,
            asked_by BLOB NOT NULL,
            asked_at INTEGER NOT NULL,
            reached INTEGER NOT NULL,
            total INTEGER NOT NULL,
            ended_at INTEGER,
            digest_before TEXT,
            digest_after TEXT,
            swept INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX rebuild_open ON rebuild (generation) WHERE swept = 0",
        // How far a rebuild has read each partition, and up to where it reads.
        """
        CREATE TABLE rebuild_position (
            generation INTEGER NOT NULL,
            partition INTEGER NOT NULL,
            number INTEGER NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (generation, partition)
        ) STRICT
        """,
    ]
}
