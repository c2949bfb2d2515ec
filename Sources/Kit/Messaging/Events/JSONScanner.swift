/// Goes through the bytes of a JSON text without decoding it, and returns the positions of values.
struct JSONScanner {
    struct Broken: Error {
        let reason: String
    }

    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The byte at the position, after white space.
    mutating func next() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Visits the members of the object at the position and moves to its end. `visit` gets the range of a name, between
    /// its quotation marks, and must move to the end of the value.
    mutating func object(_ visit: (_ name: Range<Int>, _ scanner: inout JSONScanner) throws -> Void) throws {
        guard next() == UInt8(ascii: "{") else { throw Broken(reason: "its data is no object") }
        position += 1
        guard next() != UInt8(ascii: "}") else { return position += 1 }
        while true {
            guard next() == UInt8(ascii: "\"") else { throw Broken(reason: "a field has no name") }
            let name = try value()
            guard next() == UInt8(ascii: ":") else { throw Broken(reason: "a field has no value") }
            position += 1
            _ = next()
            try visit(name.lowerBound + 1..<name.upperBound - 1, &self)
            guard try goesOn(to: UInt8(ascii: "}")) else { return }
        }
    }

    /// Visits the items of the list at the position and moves to its end. `visit` must move to the end of the item.
    mutating func list(_ visit: (_ scanner: inout JSONScanner) throws -> Void) throws {
        guard next() == UInt8(ascii: "[") else { throw Broken(reason: "a list does not begin") }
        position += 1
        guard next() != UInt8(ascii: "]") else { return position += 1 }
        repeat {
            _ = next()
            try visit(&self)
        } while try goesOn(to: UInt8(ascii: "]"))
    }

    /// Skips a comma or the end byte. Returns whether there are more items.
    private mutating func goesOn(to end: UInt8) throws -> Bool {
        guard let byte = next(), byte == UInt8(ascii: ",") || byte == end else {
            throw Broken(reason: "its data ends early")
        }
        position += 1
        return byte != end
    }

    /// Skips the value that begins at the position, and returns its range.
    mutating func value() throws -> Range<Int> {
        let start = position
        var depth = 0
        repeat {
            guard position < bytes.count else { throw Broken(reason: "its data ends early") }
            switch bytes[position] {
            case UInt8(ascii: "\""): try skipText()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            default:
                position += 1
                if depth == 0 { skipWord() }
            }
        } while depth > 0
        return start..<position
    }

    private mutating func skipText() throws {
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.count else { throw Broken(reason: "a text has no end") }
        position += 1
    }

    private mutating func skipWord() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: return
            default: position += 1
            }
        }
    }
}
