import Foundation
import Values

/// The fields of an event's data, for a consumer that takes very many events: found in one pass over the bytes, and read
/// one by one when they are asked for. Several times as quick as decoding the event's type (``Envelope/event(_:)``),
/// which is the usual way.
package struct EventFields {
    private let bytes: [UInt8]
    private let what: String
    /// Names without their quotation marks.
    private var fields: [(name: Range<Int>, value: Range<Int>)] = []

    /// - Throws: ``UnreadableEvent`` where the data is no JSON object.
    package init(_ envelope: Envelope) throws {
        bytes = envelope.data
        what = "\(envelope.name) \(envelope.id)"
        fields.reserveCapacity(12)
        var scanner = JSONScanner(bytes)
        do {
            try scanner.object { name, scanner in fields.append((name, try scanner.value())) }
        } catch let broken as JSONScanner.Broken {
            throw unreadable(broken.reason)
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
                field.name.count == wanted.count
                    && wanted.indices.allSatisfy { bytes[field.name.lowerBound + $0] == wanted[$0] }
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

    private func unreadable(_ reason: String) -> UnreadableEvent {
        UnreadableEvent(reason: "\(what): \(reason)")
    }
}
