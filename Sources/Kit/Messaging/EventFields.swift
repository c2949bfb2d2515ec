import Foundation
import Values

/// The fields of an event's data, for a consumer that takes very many events: found in one pass over the bytes, and read
/// one by one when they are asked for. Several times as quick as decoding the event's type (``Envelope/event(_:)``),
/// which is the usual way.
package struct EventFields {
    private let bytes: [UInt8]
    private let what: String
    private var fields: [(name: Range<Int>, value: Range<Int>)] = []

    /// - Throws: ``UnreadableEvent`` where the data is no JSON object.
    package init(_ envelope: Envelope) throws {
        bytes = envelope.data
        what = "\(envelope.name) \(envelope.id)"
        var position = 0
        guard next(&position) == UInt8(ascii: "{") else { throw unreadable("its data is no object") }
        position += 1
        guard next(&position) != UInt8(ascii: "}") else { return }
        fields.reserveCapacity(12)
        while true {
            guard next(&position) == UInt8(ascii: "\"") else { throw unreadable("a field has no name") }
            let name = try end(of: &position)
            guard next(&position) == UInt8(ascii: ":") else { throw unreadable("a field has no value") }
            position += 1
            _ = next(&position)
            fields.append((name, try end(of: &position)))
            switch next(&position) {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"): return
            default: throw unreadable("its data ends early")
            }
        }
    }
}

extension EventFields {
    /// A text, or anything that is written as one: an id, a day, a moment.
    /// - Throws: ``UnreadableEvent`` where the field is missing or something else.
    package func value<T: LosslessStringConvertible>(_ name: StaticString, as type: T.Type = T.self) throws -> T {
        guard let value: T = try optional(name) else { throw unreadable("\(name) is missing") }
        return value
    }

    /// As ``value(_:as:)``; `nil` where the field is missing or `null`.
    package func optional<T: LosslessStringConvertible>(_ name: StaticString, as type: T.Type = T.self) throws -> T? {
        guard let range = range(of: name), bytes[range.lowerBound] != UInt8(ascii: "n") else { return nil }
        guard bytes[range.lowerBound] == UInt8(ascii: "\""), let value = T(try text(range)) else {
            throw unreadable("\(name) is not what it should be")
        }
        return value
    }

    /// A whole number.
    /// - Throws: ``UnreadableEvent`` where the field is missing or something else.
    package func integer(_ name: StaticString) throws -> Int64 {
        guard let range = range(of: name), let number = Int64(String(decoding: bytes[range], as: UTF8.self)) else {
            throw unreadable("\(name) is no whole number")
        }
        return number
    }

    private func range(of name: StaticString) -> Range<Int>? {
        name.withUTF8Buffer { wanted in
            fields.first { field in
                field.name.count == wanted.count + 2
                    && wanted.indices.allSatisfy { bytes[field.name.lowerBound + 1 + $0] == wanted[$0] }
            }?.value
        }
    }

    /// A text between its quotation marks. One with escapes in it is left to the decoder.
    private func text(_ range: Range<Int>) throws -> String {
        let inner = bytes[range.lowerBound + 1..<range.upperBound - 1]
        guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
        do {
            return try JSONDecoder().decode(String.self, from: Data(bytes[range]))
        } catch {
            throw unreadable("a text cannot be read: \(error)")
        }
    }

    /// The byte at the position, after white space.
    private func next(_ position: inout Int) -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Moves past the value that begins at the position, and returns where it stands.
    private func end(of position: inout Int) throws -> Range<Int> {
        let start = position
        var depth = 0
        repeat {
            guard position < bytes.count else { throw unreadable("its data ends early") }
            switch bytes[position] {
            case UInt8(ascii: "\""): try skipText(&position)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            default:
                position += 1
                if depth == 0 { skipWord(&position) }
            }
        } while depth > 0
        return start..<position
    }

    private func skipText(_ position: inout Int) throws {
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.count else { throw unreadable("a text has no end") }
        position += 1
    }

    private func skipWord(_ position: inout Int) {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: return
            default: position += 1
            }
        }
    }

    private func unreadable(_ reason: String) -> UnreadableEvent {
        UnreadableEvent(reason: "\(what): \(reason)")
    }
}
