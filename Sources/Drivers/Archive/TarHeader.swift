/// The 512 bytes before each file of a tar archive (POSIX ustar).
struct TarHeader: Hashable {
    static let size = 512

    let name: String
    let length: Int64
    let mode: Int
    /// Seconds since 1970.
    let time: Int64

    /// Our own names are short and plain.
    static func isPlain(_ name: String) -> Bool {
        (1...99).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || [0x2D, 0x2E, 0x5F].contains(byte)
            }
    }

    var bytes: [UInt8] {
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        func put(_ text: String, at start: Int) {
            for (index, byte) in text.utf8.enumerated() { block[start + index] = byte }
        }
        func octal(_ value: Int64, at start: Int, digits: Int) {
            let text = String(value, radix: 8)
            put(String(repeating: "0", count: max(0, digits - text.count)) + text, at: start)
        }
        put(name, at: 0)
        octal(Int64(mode), at: 100, digits: 7)
        octal(0, at: 108, digits: 7)
        octal(0, at: 116, digits: 7)
        if length < 0o777_7777_7777 {
            octal(length, at: 124, digits: 11)
        } else {
            // Eleven octal digits are too few beyond 8 GiB. GNU tar and all others then write the number itself, with a
            // mark.
            block[124] = 0x80
            for index in 0..<8 { block[128 + index] = UInt8(truncatingIfNeeded: length >> (56 - index * 8)) }
        }
        octal(time, at: 136, digits: 11)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        octal(TarHeader.sum(block), at: 148, digits: 6)
        block[155] = 0x20
        return block
    }

    init(name: String, length: Int64, mode: Int, time: Int64) {
        precondition(TarHeader.isPlain(name), "\(name) is not a name for an archive")
        self.name = name
        self.length = length
        self.mode = mode
        self.time = time
    }

    /// - Throws: ``ArchiveError`` if this is not the header of a plain file.
    init(_ block: [UInt8]) throws {
        guard block.count == TarHeader.size, block[257..<262].elementsEqual("ustar".utf8),
            TarHeader.octal(block[148..<156]) == TarHeader.sum(block)
        else { throw ArchiveError.foreign("this is not a backup of popug's") }
        let name = String(decoding: block[0..<100].prefix { $0 != 0 }, as: UTF8.self)
        guard TarHeader.isPlain(name), block[156] == 0x30 else {
            throw ArchiveError.foreign("this is not a backup of popug's: it holds something other than plain files")
        }
        let length: Int64? =
            block[124] == 0x80
            ? block[128..<136].reduce(0) { $0 << 8 | Int64($1) } : TarHeader.octal(block[124..<136])
        guard let length, length >= 0 else { throw ArchiveError.damaged("a file in it has no length") }
        self.name = name
        self.length = length
        mode = Int(TarHeader.octal(block[100..<108]) ?? 0)
        time = TarHeader.octal(block[136..<148]) ?? 0
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int64? {
        let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        return Int64(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    /// The sum of all bytes; the checksum field itself counts as spaces.
    private static func sum(_ block: [UInt8]) -> Int64 {
        var sum: Int64 = 0
        for (index, byte) in block.enumerated() { sum += (148..<156).contains(index) ? 0x20 : Int64(byte) }
        return sum
    }
}
