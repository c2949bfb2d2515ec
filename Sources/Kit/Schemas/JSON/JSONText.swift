/// A JSON value as it was written. Used to check a body against its ``Schema`` before it is decoded.
package indirect enum JSONText: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// The number as text, so that no precision is lost to floating point.
    case number(String)
    case string(String)
    case list([JSONText])
    /// The members in order.
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let name: String
        package let value: JSONText

        package init(name: String, value: JSONText) {
            self.name = name
            self.value = value
        }
    }

    /// Reads exactly one value (RFC 8259): no byte order mark, no repeated names, no lone surrogates, nested at most 32
    /// deep.
    /// - Throws: ``BrokenJSON``.
    package init(_ bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBufferPointer { buffer in
            var reader = Reader(bytes: buffer)
            reader.skipSpace()
            let value = try reader.value(depth: 0)
            reader.skipSpace()
            guard reader.position == buffer.count else { throw reader.broken }
            return value
        }
    }

    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var position = 0

        var broken: BrokenJSON { BrokenJSON(position: position) }
        var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            position += 1
            return true
        }

        mutating func value(depth: Int) throws -> JSONText {
            guard depth < 32, let byte = next else { throw broken }
            switch byte {
            case UInt8(ascii: "{"): return try object(depth: depth)
            case UInt8(ascii: "["): return try list(depth: depth)
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try word("true", .boolean(true))
            case UInt8(ascii: "f"): return try word("false", .boolean(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            default: return .number(try number())
            }
        }

        mutating func word(_ text: StaticString, _ value: JSONText) throws -> JSONText {
            let matches = text.withUTF8Buffer { word in
                bytes.count - position >= word.count && word.indices.allSatisfy { bytes[position + $0] == word[$0] }
            }
            guard matches else { throw broken }
            position += text.utf8CodeUnitCount
            return value
        }

        mutating func list(depth: Int) throws -> JSONText {
            position += 1
            var items: [JSONText] = []
            skipSpace()
            if take(UInt8(ascii: "]")) { return .list(items) }
            while true {
                skipSpace()
                items.append(try value(depth: depth + 1))
                skipSpace()
                if take(UInt8(ascii: "]")) { return .list(items) }
                guard take(UInt8(ascii: ",")) else { throw broken }
            }
        }

        mutating func object(depth: Int) throws -> JSONText {
            position += 1
            var members: [Member] = []
            var names: Set<String> = []
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            while true {
                skipSpace()
                guard next == UInt8(ascii: "\"") else { throw broken }
                let name = try string()
                guard names.insert(name).inserted else { throw broken }
                skipSpace()
                guard take(UInt8(ascii: ":")) else { throw broken }
                skipSpace()
                members.append(Member(name: name, value: try value(depth: depth + 1)))
                skipSpace()
                if take(UInt8(ascii: "}")) { return .object(members) }
                guard take(UInt8(ascii: ",")) else { throw broken }
            }
        }

        mutating func number() throws -> String {
            let start = position
            _ = take(UInt8(ascii: "-"))
            if !take(UInt8(ascii: "0")) { try digits() }
            if take(UInt8(ascii: ".")) { try digits() }
            if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
                if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
                try digits()
            }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        mutating func digits() throws {
            guard let first = next, (0x30...0x39).contains(first) else { throw broken }
            while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        }

        mutating func string() throws -> String {
            position += 1
            let start = position
            while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                position += 1
            }
            if next == UInt8(ascii: "\"") {
                guard let text = String(validating: bytes[start..<position], as: UTF8.self) else { throw broken }
                position += 1
                return text
            }
            var text = Array(bytes[start..<position])
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let result = String(validating: text, as: UTF8.self) else { throw broken }
                    return result
                case UInt8(ascii: "\\"): try escape(into: &text)
                case 0..<0x20: throw broken
                default: text.append(byte)
                }
            }
            throw broken
        }

        mutating func escape(into text: inout [UInt8]) throws {
            guard let byte = next else { throw broken }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "u"):
                var code = try hexadecimal()
                if (0xD800..<0xDC00).contains(code) {
                    guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw broken }
                    let low = try hexadecimal()
                    guard (0xDC00..<0xE000).contains(low) else { throw broken }
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(code) else { throw broken }
                text += Array(String(Character(scalar)).utf8)
            default: throw broken
            }
        }

        mutating func hexadecimal() throws -> UInt32 {
            guard bytes.count - position >= 4 else { throw broken }
            var code: UInt32 = 0
            for _ in 0..<4 {
                guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else { throw broken }
                code = code << 4 | UInt32(digit)
                position += 1
            }
            return code
        }
    }
}

extension JSONText {
    /// The value as text, without white space.
    package var written: String {
        var json = JSONWriter()
        write(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .boolean(let value): json.boolean(value)
        case .number(let text): json.number(text: text)
        case .string(let text): json.string(text)
        case .list(let items): json.list(items) { $0.write(to: &$1) }
        case .object(let members):
            json.object { json in for member in members { json.member(member.name) { member.value.write(to: &$0) } } }
        }
    }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(integerLiteral value: Int) { self = .number(String(value)) }
    package init(arrayLiteral elements: JSONText...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, JSONText)...) {
        self = .object(elements.map { Member(name: $0, value: $1) })
    }
}
