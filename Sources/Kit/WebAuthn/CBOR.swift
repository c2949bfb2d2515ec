/// A value in the part of CBOR that authenticators send (RFC 8949; WebAuthn §6, CTAP2 §8): no floating point, no tags,
/// no simple values but booleans and null, no indefinite lengths.
package indirect enum CBOR: Hashable, Sendable {
    case unsigned(UInt64)
    /// The value is −1 − n (RFC 8949 §3.1): not every one fits into an `Int64`.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBOR])
    /// The members in the order in which they were sent; no two have the same key.
    case map([Member])
    case boolean(Bool)
    case null

    /// One pair of a map (RFC 8949 §3.1, major type 5).
    package struct Member: Hashable, Sendable {
        package let key: Key
        package let value: CBOR

        package init(key: Key, value: CBOR) {
            (self.key, self.value) = (key, value)
        }
    }

    /// What keys may be: CTAP2 and COSE know no others (CTAP2 §8, RFC 9052 §1.5).
    package enum Key: Hashable, Sendable {
        case unsigned(UInt64)
        case negative(UInt64)
        case text(String)

        package static func integer(_ value: Int64) -> Key {
            value < 0 ? .negative(UInt64(bitPattern: ~value)) : .unsigned(UInt64(value))
        }
    }

    /// Why bytes are no such value.
    package enum Fault: Error, Hashable, Sendable {
        /// They end too early, or a length is beyond their end (RFC 8949 §5.3.1).
        case cut
        /// Something follows the value.
        case trailing
        /// A length that is not said beforehand (RFC 8949 §3.2; refused by CTAP2 §8).
        case indefinite
        /// An integer or a length takes more bytes than it needs (RFC 8949 §4.2.1).
        case notShortest
        /// Lengths that are reserved (RFC 8949 §3, additional information 28 to 30), or simple values in a form that is
        /// none (§3.3).
        case reserved
        /// Two members of a map have the same key (RFC 8949 §5.6).
        case duplicateKey
        /// A key is neither an integer nor a text.
        case keyKind
        /// A text is not UTF-8 (RFC 8949 §3.1, major type 3).
        case notUTF8
        /// Nested deeper than ``CBOR/deepest``.
        case tooDeep
        /// Floating point, a tag, or a simple value that is neither a boolean nor null.
        case unsupported
    }

    /// How deep arrays and maps may stand in each other.
    package static let deepest = 8

    /// A whole number; `nil` for other kinds, and if an `Int64` does not hold it.
    package var integer: Int64? {
        switch self {
        case .unsigned(let value): Int64(exactly: value)
        case .negative(let value): Int64(exactly: value).map { ~$0 }
        default: nil
        }
    }

    /// The members of a map (RFC 8949 §3.1); `nil` for other kinds.
    package var members: [Member]? {
        guard case .map(let members) = self else { return nil }
        return members
    }

    /// The value of a member of a map; `nil` if there is none, or this is no map.
    package subscript(key: Key) -> CBOR? { members?.first { $0.key == key }?.value }

    /// The content of a byte string (RFC 8949 §3.1); `nil` for other kinds.
    package var content: [UInt8]? {
        guard case .bytes(let content) = self else { return nil }
        return content
    }
}
