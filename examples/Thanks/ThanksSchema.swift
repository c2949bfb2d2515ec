/// The service's own tables. The kit's (journal, checkpoints, people, …) come before them in every database.
enum ThanksSchema {
    static let first = [
        """
        CREATE TABLE done_task (
            task BLOB PRIMARY KEY,
            title TEXT NOT NULL,
            person BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE thanks (
            id BLOB PRIMARY KEY,
            task BLOB NOT NULL,
            person BLOB NOT NULL,
            giver BLOB NOT NULL,
            words TEXT NOT NULL,
            at INTEGER NOT NULL,
            UNIQUE (task, giver)
        ) STRICT
        """,
    ]
}
