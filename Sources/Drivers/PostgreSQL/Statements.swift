/// The prepared statements of one connection, by text and the types of their values: the most recently used ones.
struct Statements {
    struct Key: Hashable {
        let text: String
        /// The OIDs of the values; 0 for a null, whose type the server finds out.
        let types: [UInt32]
    }

    private struct Entry {
        let name: String
        var used: UInt64
        /// Whether the server has confirmed it.
        var exists = false
    }

    /// How many are kept.
    private static let most = 256
    /// Longer statements are not kept: they rarely come again.
    private static let longest = 8192
    private static let kept = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"]

    private var entries: [Key: Entry] = [:]
    private var clock: UInt64 = 0
    /// Counts up for as long as the connection lives, so that a name never means two statements.
    private var names: UInt64
    private var leftovers: [String] = []

    init() {
        names = 0
    }

    /// An empty cache that continues the names of another.
    init(after other: Statements) {
        names = other.names
    }

    /// Whether a statement is worth preparing. A statement that runs once, like a step of a schema, is not.
    static func keeps(_ text: String) -> Bool {
        guard text.utf8.count <= longest else { return false }
        let start = text.drop { $0.isWhitespace }.prefix(6).uppercased()
        return kept.contains { start.hasPrefix($0) }
    }

    /// The name of the statement, if there is one.
    mutating func use(_ key: Key) -> String? {
        clock += 1
        guard let place = entries.index(forKey: key) else { return nil }
        entries.values[place].used = clock
        return entries.values[place].name
    }

    /// A name for a new statement.
    mutating func add(_ key: Key) -> String {
        names += 1
        let name = "s\(names)"
        entries[key] = Entry(name: name, used: clock)
        return name
    }

    /// Removes the least recently used statements, an eighth at a time, if there are too many. The caller deallocates
    /// the names returned.
    mutating func excess() -> [String] {
        defer { leftovers = [] }
        guard entries.count >= Self.most else { return leftovers }
        let oldest = entries.filter(\.value.exists).sorted { $0.value.used < $1.value.used }.prefix(Self.most / 8)
        for (key, _) in oldest { entries[key] = nil }
        return leftovers + oldest.map(\.value.name)
    }

    /// Notes whether the server could prepare the statement.
    mutating func settle(_ key: Key, exists: Bool) {
        if exists {
            entries[key]?.exists = true
        } else {
            entries[key] = nil
        }
    }

    /// Notes that the server has skipped a deallocation.
    mutating func keepTrying(_ name: String) {
        leftovers.append(name)
    }

    /// Replaces `?` by `$1`, `$2`, …, outside of quotes.
    static func translated(_ text: String, types: [UInt32]) -> String {
        guard !types.isEmpty else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + types.count * 2)
        var number = 0
        var quote: UInt8?
        let bytes = Array(text.utf8)
        for (position, byte) in bytes.enumerated() {
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            }
            guard quote == nil, byte == UInt8(ascii: "?") else {
                result.append(byte)
                continue
            }
            // The server cannot find out the type of a null that is only compared with IS NULL.
            let isNull = number < types.count && types[number] == 0
            number += 1
            let place = "$\(number)"
            let needsType = isNull && isAsked(bytes[(position + 1)...])
            result.append(contentsOf: (needsType ? "CAST(\(place) AS TEXT)" : place).utf8)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether ` IS …` follows.
    private static func isAsked(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.starts(with: " IS ".utf8)
    }
}
