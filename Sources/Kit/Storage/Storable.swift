import Values

/// A Swift type that can be bound to a statement and read from a row.
package protocol Storable: Sendable {
    var stored: Value { get }
    /// - Throws: ``StorageError/decoding(_:)`` if the column holds something else.
    static func restored(from value: Value) throws -> Self
}

extension Storable {
    fileprivate static func mismatch(_ value: Value) -> StorageError {
        .decoding("a column held \(value), and \(Self.self) was asked for")
    }
}

extension Int64: Storable {
    package var stored: Value { .integer(self) }
    package static func restored(from value: Value) throws -> Int64 {
        guard case .integer(let number) = value else { throw mismatch(value) }
        return number
    }
}

extension Int: Storable {
    package var stored: Value { .integer(Int64(self)) }
    package static func restored(from value: Value) throws -> Int {
        guard case .integer(let number) = value, let int = Int(exactly: number) else { throw mismatch(value) }
        return int
    }
}

/// Stored as 0 or 1.
extension Bool: Storable {
    package var stored: Value { .integer(self ? 1 : 0) }
    package static func restored(from value: Value) throws -> Bool {
        guard case .integer(let number) = value else { throw mismatch(value) }
        return number != 0
    }
}

extension String: Storable {
    package var stored: Value { .text(self) }
    package static func restored(from value: Value) throws -> String {
        guard case .text(let text) = value else { throw mismatch(value) }
        return text
    }
}

extension [UInt8]: Storable {
    package var stored: Value { withUnsafeBytes { Value(bytes: $0) } }
    package static func restored(from value: Value) throws -> [UInt8] {
        switch value {
        case .blob(let bytes): return bytes
        case .id(let id): return id.bytes
        default: throw mismatch(value)
        }
    }
}

/// Stored as 16 bytes, so that ids sort as they do in Swift.
extension ID: Storable {
    package var stored: Value { .id(self) }
    package static func restored(from value: Value) throws -> ID {
        guard case .id(let id) = value else { throw mismatch(value) }
        return id
    }
}

/// Stored as milliseconds since 1970.
extension Instant: Storable {
    package var stored: Value { .integer(milliseconds) }
    package static func restored(from value: Value) throws -> Instant {
        Instant(milliseconds: try Int64.restored(from: value))
    }
}

/// Stored as days since 1970.
extension Day: Storable {
    package var stored: Value { .integer(Int64(number)) }
    package static func restored(from value: Value) throws -> Day {
        Day(number: try Int.restored(from: value))
    }
}

/// Stored as whole cents.
extension Cents: Storable {
    package var stored: Value { .integer(amount) }
    package static func restored(from value: Value) throws -> Cents {
        Cents(try Int64.restored(from: value))
    }
}

extension Optional: Storable where Wrapped: Storable {
    package var stored: Value { self?.stored ?? .null }
    package static func restored(from value: Value) throws -> Wrapped? {
        value == .null ? nil : try Wrapped.restored(from: value)
    }
}
