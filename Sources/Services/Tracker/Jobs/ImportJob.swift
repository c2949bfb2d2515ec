import Contracts
import ServiceKit
import Storage
import Values
import Web

/// Imports files in slices of lines. Each slice and the place in the file are stored in one transaction, so after a
/// crash the job continues from the last commit, with the same result (X19). First all people named in the file are
/// looked up, then lines become tasks. A file that cannot be imported is set aside as failed, and the next one follows.
struct ImportJob {
    let create: CreateTasks
    let asker: any Asker

    /// How many lines one transaction handles: when tasks are made, and when only names are looked up.
    static let slice = 1000
    static let peopleSlice = 5000

    func step(_ database: any Database, _ environment: Environment) throws -> Job.Progress {
        let slice: ImportSlice? = try database.read { transaction in
            guard let run = try ImportRuns.current(in: transaction) else { return nil }
            return try ImportSlice(
                of: run, lines: run.state == .people ? Self.peopleSlice : Self.slice, in: transaction)
        }
        guard let slice else { return .idle }
        do {
            return try work(slice, database, environment)
        } catch {
            guard ImportJob.isOfData(error) else { throw error }
            try database.write { transaction in
                let ending = EndImport(state: .failed, trouble: "\(error)".beginning(500))
                _ = try ending(slice.run, environment, in: transaction)
            }
            return .more
        }
    }

    private func work(
        _ slice: ImportSlice, _ database: any Database, _ environment: Environment
    ) throws -> Job.Progress {
        if slice.run.state == .people {
            let found = try findPeople(of: slice)
            try database.write { try record(found, slice, in: $0) }
            return .more
        }
        let made: Bool = try database.write { try makeTasks(slice, environment, in: $0) }
        return made ? .more : .idle
    }

    /// Whether trying again cannot help: the file's content is refused, while the database and services are available.
    private static func isOfData(_ error: any Error) -> Bool {
        switch error as? StorageError {
        case .constraint, .decoding, .failed: true
        case .full, .readOnly, .unavailable, .newer, .corrupt, .closed: false
        case nil: (error as? Problem)?.status == 422
        }
    }

    // MARK: People

    private func findPeople(of slice: ImportSlice) throws -> [String: ID] {
        var found: [String: ID] = [:]
        for part in slice.unknown.chunks(of: ImportedNames.most) {
            let asked = ImportedNames(names: part, trace: slice.run.trace)
            found.merge(try asker.ask(IdentityQuestions.people, of: "identity", asked).people) { $1 }
        }
        return found
    }

    private func record(_ found: [String: ID], _ slice: ImportSlice, in transaction: any Transaction) throws {
        try transaction.send(
            "INSERT INTO import_person (name, person) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
            rows: found.sorted { $0.key < $1.key }.map { [$0.key.stored, $0.value.stored] })
        if slice.isLast {
            // Begins again at the top, now to make tasks.
            try advance(slice, to: beginning(of: slice.run, in: transaction), state: .tasks, in: transaction)
        } else {
            try advance(slice, to: slice.place, state: .people, in: transaction)
        }
    }

    // MARK: Tasks

    private func makeTasks(
        _ slice: ImportSlice, _ environment: Environment, in transaction: any Transaction
    ) throws -> Bool {
        let run = slice.run
        let creators = try ImportSlice.people(slice.work.map(\.createdBy), in: transaction)
        // Identity was asked about every name. A name that is still unknown is one that Identity does not accept.
        let work = slice.work.filter { creators[$0.createdBy] != nil }
        let nameless = slice.work.filter { creators[$0.createdBy] == nil }
            .map { ImportReject(line: $0.line, reason: .person, content: $0.createdBy) }
        let rejects = slice.rejects + nameless
        let sorted = try ImportOccurrences(work, of: run, in: transaction)
        if !sorted.new.isEmpty {
            let drafts = sorted.new.compactMap { line in
                creators[line.work.createdBy].map {
                    TaskDraft(
                        id: line.task, title: line.work.title, description: line.work.description, creator: $0,
                        typedAt: line.work.typedAt, importNumber: run.position)
                }
            }
            // If nobody is eligible, the file waits, because a task needs an assignee (X12).
            let now = environment.now()
            guard try create.many(drafts, environment, at: now, trace: run.trace, in: transaction) != nil else {
                return false
            }
        }
        try sorted.remember(in: transaction)
        try transaction.send(
            "INSERT INTO import_reject (import, line, reason, content) VALUES (?, ?, ?, ?)",
            rows: rejects.map {
                [run.position.stored, $0.line.stored, $0.reason.rawValue.stored, $0.content.stored]
            })
        try transaction.send(
            """
            UPDATE import_run SET lines = lines + \(work.count + rejects.count),
            created = created + \(sorted.new.count), repeated = repeated + \(work.count - sorted.new.count),
            rejected = rejected + \(rejects.count) WHERE position = \(run.position)
            """)
        try advance(slice, to: slice.place, state: .tasks, in: transaction)
        if slice.isLast { _ = try EndImport(state: .done)(run, environment, in: transaction) }
        return true
    }

    private func beginning(of run: ImportRun, in transaction: any Transaction) throws -> ImportParser.Place {
        let first: [UInt8] =
            try transaction.value(
                "SELECT bytes FROM import_chunk WHERE import = \(run.position) AND number = 0") ?? []
        let format = try ImportFormat(beginning: Array(first.prefix(64 * 1024)))
        return ImportParser.Place(offset: format.start, line: format.line)
    }

    /// The compare-and-set: if two processes work on the same slice, only one commits.
    private func advance(
        _ slice: ImportSlice, to place: ImportParser.Place, state: ImportRun.State, in transaction: any Transaction
    ) throws {
        let changed = try transaction.change(
            """
            UPDATE import_run SET state = \(state), reached = \(place.offset), line = \(place.line),
            skipping = \(place.skipping) WHERE position = \(slice.run.position) AND state = \(slice.run.state)
            AND reached = \(slice.run.place.offset)
            """)
        guard changed == 1 else { throw StorageError.unavailable("another process works on this import") }
    }
}
