import Storage
import Values

extension StorageConformance {
    /// Writes a row's values and reads them back in another transaction.
    private static func roundTrip(_ database: any Database, amount: Int64, note: Value, data: Value) throws -> [Value] {
        try database.write { transaction in
            try transaction.send("DELETE FROM thing")
            try transaction.send(
                "INSERT INTO thing (id, name, amount, note, data) VALUES (\(amount), 'x', 0, \(note), \(data))")
        }
        return try database.read { try $0.fetch("SELECT id, note, data FROM thing")[0].values }
    }

    static let values: [Check] = [
        Check("Whole numbers of 64 bits come back") { database in
            let numbers: [Int64] = [0, 1, -1, .max, .min, 1 << 31, -(1 << 31) - 1, (1 << 53) + 1]
            for number in numbers {
                try expectEqual(
                    try roundTrip(database, amount: number, note: .null, data: .null),
                    [.integer(number), .null, .null],
                    "row")
            }
        },
        Check("Texts come back byte for byte") { database in
            let long = String(repeating: "длинный ", count: 100_000)
            let texts = [
                "", " ", "plain", "о'Брайен \"x\" \\ % _ ? $1 ;--", "👩‍👩‍👧‍👦🇷🇺", "e\u{301}", "\u{e9}", "\u{202E}mirrored",
                "line\r\nbreak\ttab", "\u{1}\u{7f}", "\u{FEFF}mark", long,
            ]
            for text in texts {
                let row = try roundTrip(database, amount: 1, note: .text(text), data: .null)
                guard case .text(let back) = row[1] else {
                    throw Unmet(description: "\(row[1]) for \(text.prefix(20))")
                }
                try expect(
                    Array(back.utf8) == Array(text.utf8),
                    "another text came back for \(text.prefix(20).debugDescription)")
            }
        },
        Check("Bytes come back, none at all too, and are not NULL") { database in
            let all: [[UInt8]] = [
                [], [0], [0, 0, 1], Array(0..<16), Array(0...255), Array(repeating: 0xA5, count: 1_000_000),
            ]
            for bytes in all {
                let row = try roundTrip(database, amount: 1, note: .null, data: bytes.stored)
                try expect(row[2] == bytes.stored, "other bytes came back for \(bytes.count)")
            }
            let nulls: Int? = try database.read { try $0.value("SELECT COUNT(*) FROM thing WHERE data IS NULL") }
            try expectEqual(nulls, 0, "rows without bytes")
        },
        Check("A text with U+0000 is refused, not cut off") { database in
            let error = try failure("U+0000") {
                _ = try roundTrip(database, amount: 1, note: .text("before\u{0}after"), data: .null)
            }
            try expect(error is StorageError, "another error came out: \(error)")
            try expectEqual(try count(database), 0, "rows")
        },
        Check("The kit's types come back") { database in
            let id = ID(high: 0x0190_0000_0000_7000, low: 0xFFFF_FFFF_FFFF_FFFF)
            let at = Instant(milliseconds: 1_795_000_000_123)
            let day = Day(number: -3)
            try database.write { transaction in
                try transaction.send("INSERT INTO keyed (key, value) VALUES (\(id), \("a"))")
                try transaction.send(
                    "INSERT INTO thing (id, name, amount, note) VALUES (\(day), 'x', \(at), \(String?.none.stored))")
            }
            let (keyed, thing) = try database.read { transaction in
                (
                    try transaction.fetchOne("SELECT key, value FROM keyed WHERE key = \(id)"),
                    try transaction.fetchOne("SELECT id, amount, note, amount > 5 FROM thing WHERE id = \(day)")
                )
            }
            try expect(try keyed?(0) == id, "ID")
            try expect(try thing?(0) == day, "Day")
            try expect(try thing?(1) == at, "Instant")
            try expect(try thing?(2, as: String?.self) == .some(nil), "no text")
            _ = try failure("NULL as a text") { _ = try thing?(2, as: String.self) }
            _ = try failure("a number as a text") { _ = try thing?(0, as: String.self) }
        },
        Check("Ids sort in the order of their bytes") { database in
            let ids = [ID(high: 1, low: 5), ID(high: .max, low: 0), ID(high: 1, low: 1 << 63), ID(high: 0, low: 0)]
            try database.write { transaction in
                try transaction.send("INSERT INTO keyed (key) VALUES (?)", rows: ids.map { [$0.stored] })
            }
            let sorted: [ID] = try database.read {
                try $0.fetch("SELECT key FROM keyed ORDER BY key").map { try $0(0) }
            }
            try expect(sorted == ids.sorted(), "order: \(sorted)")
        },
        Check("What is bound is never a part of the statement") { database in
            let text = "x'); DELETE FROM thing; --"
            try database.write { try $0.send(insert(1, text)) }
            let found = try database.read { try $0.fetch("SELECT id FROM thing WHERE name = \(text)").count }
            try expectEqual(found, 1, "rows with that name")
        },
    ]
}
