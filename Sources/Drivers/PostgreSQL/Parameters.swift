import Storage
import Values

/// The values of one statement in libpq's binary format, all in one buffer that is reused.
struct Parameters {
    private static let bigint: UInt32 = 20
    private static let text: UInt32 = 25
    private static let bytea: UInt32 = 17

    /// The OIDs of the values' types; 0 for nulls lets the server find out the type.
    private(set) var types: [UInt32] = []
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    var byteCount: Int { bytes.count }

    mutating func set(_ values: [Value]) {
        types.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        for value in values { add(value) }
        // An empty text needs an address too.
        bytes.append(0)
    }

    private mutating func add(_ value: Value) {
        let start = bytes.count
        switch value {
        case .null:
            types.append(0)
        case .integer(let number):
            types.append(Self.bigint)
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        case .text(let text):
            types.append(Self.text)
            bytes.append(contentsOf: text.utf8)
        case .blob(let blob):
            types.append(Self.bytea)
            bytes.append(contentsOf: blob)
        case .id(let id):
            types.append(Self.bytea)
            id.withBytes { bytes.append(contentsOf: $0) }
        }
        offsets.append(value == .null ? nil : start)
        lengths.append(Int32(bytes.count - start))
        formats.append(1)
    }

    /// Passes the four arrays of `PQsendQueryParams` to `body`; they are valid until it returns.
    func withArrays(
        _ body: (
            _ types: UnsafePointer<UInt32>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
            _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
        ) -> Int32
    ) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            let start = buffer.bindMemory(to: CChar.self).baseAddress
            let pointers = offsets.map { offset in offset.flatMap { at in start.map { $0 + at } } }
            return body(types, pointers, lengths, formats)
        }
    }
}
