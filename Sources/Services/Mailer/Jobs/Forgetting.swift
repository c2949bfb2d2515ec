import Storage
import Values

/// Drops the text of letters some time after they ended. It is still known that there was a letter, and how it ended.
struct Forgetting: Sendable {
    let keepDays: Int

    private static let slice = 500

    func step(_ environment: Environment, in database: any Database) throws -> Bool {
        guard environment.mayLapse else { return false }
        let before = environment.now().adding(seconds: -Int64(keepDays) * 86_400)
        let old: [Int64] = try database.read { transaction in
            try transaction.fetch(
                """
                SELECT position FROM letter WHERE content IS NOT NULL AND at < \(before) AND state <> 'waiting'
                ORDER BY at LIMIT \(Forgetting.slice)
                """
            ).map { try $0(0) }
        }
        guard !old.isEmpty else { return false }
        try database.write { transaction in
            try transaction.send(
                "UPDATE letter SET content = NULL WHERE position = ? AND state <> 'waiting'",
                rows: old.map { [$0.stored] })
        }
        return old.count == Forgetting.slice
    }
}
