import Foundation
import Values

/// The fields of an event's data, for a consumer that takes very many events. One pass over the bytes finds the fields;
/// each is read when it is asked for. This is several times faster than decoding the event's type
/// (``Envelope/event(_:)``), which is the usual way.
package struct EventFields {
    private let bytes: [UInt8]
    private let what: String
    /// Names without their quotation marks.
    private var fields: [(name: Range<Int>, value: Range<Int>)] = []

    /// - Throws: ``UnreadableEvent`` if the data is not a JSON object.
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
    /// A text, or a type that is written as a text: an id, a day, a moment.
    /// - Throws: ``UnreadableEvent`` if the field is missing or has another type.
    package func value<T: LosslessStringConvertible>(_ name: StaticString, as type: T.Type = T.self) throws -> T {
        guard let value: T = try optional(name) else { throw unreadable("\(name) is missing") }
        return value
    }

    /// Like ``value(_:as:)``; `nil` if the field is missing or `null`.
    package func optional<T: LosslessStringConvertible>(_ name: StaticString, as type: T.Type = T.self) throws -> T? {
        guard let range = range(of: name), bytes[range.lowerBound] != UInt8(ascii: "n") else { return nil }
        guard bytes[range.lowerBound] == UInt8(ascii: "\""), let value = T(try text(range)) else {
            throw unreadable("\(name) is not what it should be")
        }
        return value
    }

    /// A whole number.
    /// - Throws: ``UnreadableEvent`` if the field is missing or has another type.
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

    /// The text between the quotation marks. A text with escapes is left to the decoder.
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
