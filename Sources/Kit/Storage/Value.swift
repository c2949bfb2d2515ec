import Values

/// What a column can hold. There is no floating point: money and time are whole numbers.
package enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    /// A driver never reads 16 bytes as this: those are an ``id(_:)``.
    case blob([UInt8])
    /// Sixteen bytes, without an array of their own, because most stored and looked-up values are ids.
    case id(ID)

    /// The value of a column of bytes.
    package init(bytes: UnsafeRawBufferPointer) {
        if bytes.count == 16 {
            self = .id(
                ID(
                    high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))))
        } else {
            self = .blob([UInt8](bytes))
        }
    }
}

extension Value {
    /// Appends the value with its kind and length, so that two different lists of values never give the same bytes.
    package func append(to bytes: inout [UInt8]) {
        func add(_ number: UInt64) { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
        switch self {
        case .null:
            bytes.append(0)
        case .integer(let number):
            bytes.append(1)
            add(UInt64(bitPattern: number))
        case .text(let text):
            bytes.append(2)
            add(UInt64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        case .blob(let blob):
            bytes.append(3)
            add(UInt64(blob.count))
            bytes.append(contentsOf: blob)
        case .id(let id):
            bytes.append(3)
            add(16)
            id.withBytes { bytes.append(contentsOf: $0) }
        }
    }
}
