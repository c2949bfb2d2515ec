/// JSON as bytes, written straight: no tree, no Foundation.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func null() { bytes += Array("null".utf8) }
    package mutating func boolean(_ value: Bool) { bytes += value ? Array("true".utf8) : Array("false".utf8) }
    package mutating func integer(_ value: Int64) { bytes += Array(String(value).utf8) }

    /// A whole number is written without `.0`; what is no number in JSON (RFC 8259) as `null`.
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        let text = String(value)
        bytes += Array((text.hasSuffix(".0") ? text.dropLast(2) : text[...]).utf8)
    }

    package mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
            case UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
            case 0x0A: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20:
                bytes += Array("\\u00".utf8)
                bytes += [JSONWriter.digits[Int(byte >> 4)], JSONWriter.digits[Int(byte & 15)]]
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

    /// An object: `write` calls ``member(_:_:)`` for each of its members.
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
