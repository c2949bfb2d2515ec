import Storage
import Values

/// Separates the new lines of a slice from those that have a task already. A line is identified by its content and by
/// its occurrence: the first, second, … with this content in its file (X19).
///
/// Almost every line occurs once, so nothing but its task is stored for it. A count is kept in `import_repeat` until
/// the file is done, only if a line occurs again, or if another file made its task.
struct ImportOccurrences {
    struct New {
        let work: ImportedWork
        let task: ID
    }

    let new: [New]
    private let run: ImportRun
    private let counts: [[UInt8]: Int]

    init(_ lines: [ImportedWork], of run: ImportRun, in transaction: any Transaction) throws {
        self.run = run
        let firsts = lines.map { $0.task(occurrence: 1) }
        var there = try ImportOccurrences.existing(firsts, in: transaction)
        let seen = try ImportOccurrences.seen(lines, firsts.map { there[$0] }, of: run, in: transaction)
        var counts: [[UInt8]: Int] = [:]
        var candidates: [New] = []
        var repeats: [ID] = []
        for (line, first) in zip(lines, firsts) {
            let occurrence = (counts[line.key] ?? seen[line.key] ?? 0) + 1
            counts[line.key] = occurrence
            let task = occurrence == 1 ? first : line.task(occurrence: occurrence)
            if occurrence > 1 { repeats.append(task) }
            candidates.append(New(work: line, task: task))
        }
        there.merge(try ImportOccurrences.existing(repeats, in: transaction)) { $1 }
        new = candidates.filter { there[$0.task] == nil }
        let made = Set(new.map(\.task))
        // If a first occurrence made its task, the task itself records it.
        var kept: [[UInt8]: Int] = [:]
        for candidate in candidates {
            guard let count = counts[candidate.work.key] else { continue }
            if count > 1 || !made.contains(candidate.task) { kept[candidate.work.key] = count }
        }
        self.counts = kept
    }

    func remember(in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO import_repeat (import, line, count) VALUES (?, ?, ?)
            ON CONFLICT (import, line) DO UPDATE SET count = excluded.count
            """,
            rows: counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
                [run.position.stored, .blob($0.key), $0.value.stored]
            })
    }

    /// How often each line has occurred in this file before the slice. `makers` are the imports that made the tasks of
    /// the lines' first occurrences.
    private static func seen(
        _ lines: [ImportedWork], _ makers: [Int64?], of run: ImportRun, in transaction: any Transaction
    ) throws -> [[UInt8]: Int] {
        var counts: [[UInt8]: Int] = [:]
        for (line, maker) in zip(lines, makers) where maker == run.position { counts[line.key] = 1 }
        let keys = Set(lines.map(\.key)).sorted { $0.lexicographicallyPrecedes($1) }
        let rows = try transaction.fetch(in: keys) {
            "SELECT line, count FROM import_repeat WHERE import = \(run.position) AND line IN (\(list: $0))"
        }
        for row in rows { counts[try row(0)] = try row(1) }
        return counts
    }

    /// Which of the tasks exist, and the number of the import that made each.
    private static func existing(_ tasks: [ID], in transaction: any Transaction) throws -> [ID: Int64] {
        let rows = try transaction.fetch(in: Set(tasks).sorted()) {
            "SELECT id, COALESCE(import, 0) FROM task WHERE id IN (\(list: $0))"
        }
        var found: [ID: Int64] = [:]
        for row in rows { found[try row(0)] = try row(1) }
        return found
    }
}
