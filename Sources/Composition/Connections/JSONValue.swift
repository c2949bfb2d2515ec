/// A JSON value that a verb sends or reads.
package enum JSONValue: Codable, Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    case null
    case flag(Bool)
    case number(Int64)
    /// A number that is not whole, such as a duration. Never money.
    case decimal(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    package init(stringLiteral value: String) { self = .text(value) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let number = try? container.decode(Double.self) {
            self = .decimal(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .number(let number): try container.encode(number)
        case .decimal(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }

    /// A field of an object; `.null` for anything else.
    package subscript(_ field: String) -> JSONValue {
        guard case .object(let fields) = self else { return .null }
        return fields[field] ?? .null
    }

    package var text: String? {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .decimal(let number): String(number)
        case .flag(let flag): flag ? "yes" : "no"
        default: nil
        }
    }

    package var number: Int64? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    package var flag: Bool { self == .flag(true) }

    package var list: [JSONValue] {
        guard case .list(let list) = self else { return [] }
        return list
    }
}
