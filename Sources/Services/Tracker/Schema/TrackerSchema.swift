import Storage

/// The Tracker's tables.
enum TrackerSchema {
    static let migrations = [
        Migration(
            1, "tasks, dealing, reassignments and imports",
            tasks + dealing + imports,
            only: [.sqlite: firstSearchOnSQLite, .postgresql: firstSearchOnPostgreSQL]),
        Migration(
            2, "imports that end before their end; search in folded words; tasks in the order of completion",
            [
                "ALTER TABLE import_run ADD COLUMN ended_by BLOB",
                "ALTER TABLE import_run ADD COLUMN trouble TEXT",
                // The tasks that a person has completed, latest first.
                "CREATE INDEX task_completed ON task (assignee, completed_at, position) WHERE status = 1",
                // One row: the last task whose words are not in `task_search` yet, see ``SearchJob``.
                "CREATE TABLE search_backlog (one INTEGER PRIMARY KEY, through INTEGER NOT NULL) STRICT",
                "INSERT INTO search_backlog (one, through) SELECT 1, COALESCE(MAX(position), 0) FROM task",
            ], only: [.sqlite: searchOnSQLite, .postgresql: searchOnPostgreSQL]),
        // Only FTS5 can list its words; a GIN index cannot.
        Migration(
            3, "the words of tasks, for the beginnings of words", [],
            only: [.sqlite: ["CREATE VIRTUAL TABLE task_word USING fts5vocab('task_search', 'row')"]]),
    ]

    private static let tasks = [
        // `position` is the order of creation; lists and cursors use it. `typed_at` is an imported line's own time of
        // creation, which is only shown (X19). `import` is the import that made the task.
        """
        CREATE TABLE task (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            title TEXT NOT NULL,
            jira_id TEXT,
            description TEXT,
            status INTEGER NOT NULL CHECK (status IN (0, 1)),
            assignee BLOB NOT NULL,
            creator BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            assigned_at INTEGER NOT NULL,
            completed_at INTEGER CHECK ((completed_at IS NOT NULL) = (status = 1)),
            typed_at INTEGER,
            import INTEGER,
            revision INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX task_status ON task (status, position)",
        "CREATE INDEX task_assignee ON task (assignee, status, position)",
        "CREATE INDEX task_jira ON task (jira_id, position) WHERE jira_id IS NOT NULL",
        // Every change of a task (X18). `person` is the assignee after it, `former` the one before, `actor` the one who
        // did it.
        """
        CREATE TABLE task_history (
            task BLOB NOT NULL,
            revision INTEGER NOT NULL,
            kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
            person BLOB NOT NULL,
            former BLOB,
            actor BLOB NOT NULL,
            reassignment BLOB,
            at INTEGER NOT NULL,
            PRIMARY KEY (task, revision)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    private static let dealing = [
        // The people who can be assigned tasks (X4), numbered from 1 without gaps, so a fair draw is one number and one
        // look-up.
        "CREATE TABLE eligible (position INTEGER PRIMARY KEY, person BLOB NOT NULL UNIQUE) STRICT",
        // One row. A draw locks it shared, and a change of the list locks it exclusively.
        "CREATE TABLE eligible_size (one INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT",
        "INSERT INTO eligible_size (one, count) VALUES (1, 0)",
        // One row for each press (X14), worked on in the order of position. `through` is the last task that existed at
        // the press, `reached` the last one handled.
        """
        CREATE TABLE reassignment (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            state INTEGER NOT NULL,
            pressed_by BLOB NOT NULL,
            pressed_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            total INTEGER NOT NULL,
            through INTEGER NOT NULL,
            reached INTEGER NOT NULL,
            dealt INTEGER NOT NULL,
            moved INTEGER NOT NULL,
            trace TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX reassignment_state ON reassignment (state, position)",
    ]

    private static let imports = [
        // One row for each file (X19). The next slice begins at byte `reached` and line `line`.
        """
        CREATE TABLE import_run (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            state INTEGER NOT NULL,
            name TEXT NOT NULL,
            format TEXT NOT NULL,
            columns TEXT NOT NULL,
            started_by BLOB NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER,
            size INTEGER NOT NULL,
            reached INTEGER NOT NULL,
            line INTEGER NOT NULL,
            skipping INTEGER NOT NULL,
            lines INTEGER NOT NULL,
            created INTEGER NOT NULL,
            repeated INTEGER NOT NULL,
            rejected INTEGER NOT NULL,
            trace TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX import_run_state ON import_run (state, position)",
        // The file as it was sent, until its import has ended.
        """
        CREATE TABLE import_chunk (
            import INTEGER NOT NULL,
            number INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (import, number)
        ) STRICT
        """,
        """
        CREATE TABLE import_reject (
            import INTEGER NOT NULL,
            line INTEGER NOT NULL,
            reason TEXT NOT NULL,
            content TEXT NOT NULL,
            PRIMARY KEY (import, line)
        ) STRICT, WITHOUT ROWID
        """,
        // How often a line has occurred in this file, for lines that occur again or had a task before the file.
        """
        CREATE TABLE import_repeat (
            import INTEGER NOT NULL,
            line BLOB NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (import, line)
        ) STRICT, WITHOUT ROWID
        """,
        // The person behind a name in a file, once Identity has answered.
        "CREATE TABLE import_person (name TEXT PRIMARY KEY, person BLOB NOT NULL) STRICT",
    ]

    /// The words of tasks as ``FoldedText`` folds them, under the task's position. The two databases find words by
    /// their beginnings in different ways. Here it is FTS5, contentless because a task's words never change, with a
    /// tokenizer that keeps the words as they are. The columns have the same names in both, so the same statement
    /// writes them.
    private static let searchOnSQLite = [
        "DROP TRIGGER task_searchable",
        "DROP TABLE task_search",
        """
        CREATE VIRTUAL TABLE task_search USING fts5(
            words, content='', prefix='2 3', detail=none, tokenize="ascii")
        """,
    ]

    /// A tsvector made from the words themselves, without PostgreSQL's own parser, with a GIN index.
    private static let searchOnPostgreSQL = [
        "DROP INDEX task_search",
        "ALTER TABLE task DROP COLUMN search",
        """
        CREATE TABLE task_search (
            rowid BIGINT PRIMARY KEY,
            words TEXT NOT NULL,
            vector tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED)
        """,
        "CREATE INDEX task_search_vector ON task_search USING gin (vector)",
    ]

    /// The search of step 1, as each database splits words. The two differed in case, accents and words.
    private static let firstSearchOnSQLite = [
        """
        CREATE VIRTUAL TABLE task_search USING fts5(
            title, jira_id, description, content='', prefix='2 3', detail=full,
            tokenize="unicode61 remove_diacritics 2")
        """,
        """
        CREATE TRIGGER task_searchable AFTER INSERT ON task BEGIN
            INSERT INTO task_search (rowid, title, jira_id, description)
            VALUES (new.position, new.title, new.jira_id, new.description);
        END
        """,
    ]

    private static let firstSearchOnPostgreSQL = [
        """
        ALTER TABLE task ADD COLUMN search tsvector GENERATED ALWAYS AS (
            to_tsvector('simple', title || ' ' || COALESCE(jira_id, '') || ' ' || COALESCE(description, ''))) STORED
        """,
        "CREATE INDEX task_search ON task USING gin (search)",
    ]
}
