/// Writes JSON directly as bytes: no tree, no Foundation.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func null() { bytes.append(contentsOf: "null".utf8) }
    package mutating func boolean(_ value: Bool) { bytes.append(contentsOf: (value ? "true" : "false").utf8) }
    package mutating func integer(_ value: Int64) { bytes.append(contentsOf: String(value).utf8) }

    /// A whole number is written without `.0`. A value that is not a JSON number (RFC 8259) is written as `null`.
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        let text = String(value)
        number(text: text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }

    /// Writes a number as it appeared in JSON.
    mutating func number(text: String) { bytes.append(contentsOf: text.utf8) }

    package mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(JSONWriter.digits[Int(byte >> 4)])
                bytes.append(JSONWriter.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    package mutating func list<Item>(_ items: [Item], _ write: (Item, inout JSONWriter) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(item, &self)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes an object: `write` calls ``member(_:_:)`` for each of its members.
    package mutating func object(_ write: (inout JSONWriter) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        write(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    package mutating func member(_ name: String, _ write: (inout JSONWriter) -> Void) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        string(name)
        bytes.append(UInt8(ascii: ":"))
        write(&self)
    }
}
