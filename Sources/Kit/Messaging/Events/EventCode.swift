import Foundation
import Storage
import Values

/// A keyed code of an event, or of its number: HMAC-SHA-256, cut to 128 bits. See ``EventCodes``.
package struct EventCode: Hashable, Sendable {
    /// In bytes.
    package static let size = 16

    private let value: ID

    package init?(bytes: [UInt8]) {
        guard let value = ID(bytes: bytes) else { return nil }
        self.value = value
    }

    /// The first half of a longer code.
    init(_ code: some ContiguousBytes) {
        value = code.withUnsafeBytes { bytes in
            ID(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    package var bytes: [UInt8] { value.bytes }
}

extension EventCode: Storable {
    package var stored: Value { .id(value) }

    package static func restored(from value: Value) throws -> EventCode {
        EventCode(value: try ID.restored(from: value))
    }

    private init(value: ID) {
        self.value = value
    }
}
