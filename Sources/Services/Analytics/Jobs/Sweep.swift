import Storage

/// Deletes figures that a rebuild has replaced, or that an abandoned rebuild had built, a slice at a time.
enum Sweep {
    static let slice = 2000

    /// The tables, with the columns of their keys.
    private static let tables: [(name: SQL, key: SQL)] = [
        ("operation", "generation, day, person, number"), ("person_day", "generation, day, person"),
        ("person_balance", "generation, person"), ("day_figure", "generation, day"), ("dearest", "generation, day"),
        ("seen", "generation, slot"),
    ]

    static func step(after rebuild: Rebuild, in transaction: any Transaction) throws {
        var left = slice
        let those: SQL =
            rebuild.state == .abandoned
            ? "generation = \(rebuild.generation)" : "generation < \(rebuild.generation)"
        for (name, key) in tables {
            left -= try transaction.change(
                """
                DELETE FROM \(name) WHERE (\(key)) IN
                (SELECT \(key) FROM \(name) WHERE \(those) LIMIT \(left))
                """)
            if left <= 0 { return }
        }
        try transaction.send("UPDATE rebuild SET swept = 1 WHERE generation = \(rebuild.generation)")
    }
}
