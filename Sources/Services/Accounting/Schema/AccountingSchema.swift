import Ledger
import Storage

/// Accounting's own tables, beside those of the kit.
enum AccountingSchema {
    static let migrations = [
        Migration(1, "accounts, prices, days", Ledger.schema + own),
        Migration(2, "what was booked for a task", [Ledger.subjectIndex]),
        Migration(3, "transfers between the company's accounts", Ledger.transferSchema),
        Migration(4, "corrections by day", [Ledger.correctionIndex]),
        Migration(
            5, "corrections that a second person confirms",
            CorrectionRequest.schema + ["CREATE INDEX entry_corrects ON entry (corrects) WHERE corrects IS NOT NULL"]),
    ]

    private static let own = [
        // The installation that owns this data: a keyed fingerprint of the secret that prices are drawn with (X21).
        """
        CREATE TABLE installation (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            fingerprint BLOB NOT NULL,
            since INTEGER NOT NULL
        ) STRICT
        """,
        // The ranges that prices were drawn from, in whole units; the last row is in force.
        """
        CREATE TABLE price_range (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            fee_low INTEGER NOT NULL,
            fee_high INTEGER NOT NULL,
            reward_low INTEGER NOT NULL,
            reward_high INTEGER NOT NULL,
            since INTEGER NOT NULL
        ) STRICT
        """,
        // Both prices of a task, the ranges that they were drawn from, and the task's name when it was first seen.
        """
        CREATE TABLE price (
            task BLOB PRIMARY KEY,
            fee INTEGER NOT NULL,
            reward INTEGER NOT NULL,
            ranges INTEGER NOT NULL,
            title TEXT NOT NULL,
            jira_id TEXT,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        // The business day on which entries are booked.
        """
        CREATE TABLE open_day (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            day INTEGER NOT NULL
        ) STRICT
        """,
        // One row for each day, from the beginning of its close; sealed at the end.
        """
        CREATE TABLE day_close (
            day INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            cursor BLOB NOT NULL,
            swept INTEGER NOT NULL,
            complete INTEGER NOT NULL,
            accounts INTEGER NOT NULL,
            operations INTEGER NOT NULL,
            payouts INTEGER NOT NULL,
            paid INTEGER NOT NULL,
            seal BLOB,
            sealed_at INTEGER
        ) STRICT
        """,
        "CREATE INDEX day_close_unsealed ON day_close (day) WHERE sealed_at IS NULL",
        // Who confirmed a day that was far past the last one (X26).
        """
        CREATE TABLE day_confirmation (
            day INTEGER PRIMARY KEY,
            person BLOB NOT NULL,
            at INTEGER NOT NULL
        ) STRICT
        """,
    ]
}
