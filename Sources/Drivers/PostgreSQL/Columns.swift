import Storage

/// Reads columns from the binary format by their type's OID.
enum Columns {
    static func value(of type: UInt32, _ bytes: UnsafeRawBufferPointer) throws -> Value {
        switch type {
        // BIGINT, INTEGER, SMALLINT, OID, transaction ids and log positions.
        case 20: .integer(big(Int64.self, bytes))
        case 23: .integer(Int64(big(Int32.self, bytes)))
        case 21: .integer(Int64(big(Int16.self, bytes)))
        case 26: .integer(Int64(big(UInt32.self, bytes)))
        case 5069, 3220: .integer(Int64(bitPattern: big(UInt64.self, bytes)))
        // TEXT, VARCHAR, CHAR(n), "char", NAME, JSON, and literals without a type.
        case 25, 1043, 1042, 18, 19, 114, 705: .text(String(decoding: bytes, as: UTF8.self))
        case 17: Value(bytes: bytes)
        case 16: .integer(bytes.first == 0 ? 0 : 1)
        case 1700: .integer(try numeric(bytes))
        // VOID, the result of a function without a result.
        case 2278: .null
        default:
            throw PostgreSQLFailure.decoding("a column of the type with OID \(type); cast it to BIGINT, TEXT or BYTEA")
        }
    }

    private static func big<T: FixedWidthInteger>(_: T.Type, _ bytes: UnsafeRawBufferPointer) -> T {
        bytes.count == MemoryLayout<T>.size ? T(bigEndian: bytes.loadUnaligned(as: T.self)) : 0
    }

    /// A NUMERIC without decimals, which is what SUM of BIGINT returns. A header of four numbers (how many digits, the
    /// power of the first one, the sign, how many decimals) is followed by digits of base 10,000.
    private static func numeric(_ bytes: UnsafeRawBufferPointer) throws -> Int64 {
        func half(_ position: Int) -> Int {
            Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: position * 2, as: UInt16.self)))
        }
        guard bytes.count >= 8 else { throw PostgreSQLFailure.decoding("a NUMERIC of \(bytes.count) bytes") }
        let count = half(0)
        let weight = Int(Int16(truncatingIfNeeded: half(1)))
        let sign = half(2)
        guard sign == 0 || sign == 0x4000, half(3) == 0, bytes.count == 8 + count * 2 else {
            throw PostgreSQLFailure.decoding("a NUMERIC that is no whole number; cast it to BIGINT")
        }
        var number: Int64 = 0
        for position in 0...max(0, weight) where weight >= 0 {
            let digit = Int64(position < count ? half(4 + position) : 0)
            let (shifted, tooBig) = number.multipliedReportingOverflow(by: 10_000)
            // Built up as a negative number, because there is room for one more value on that side.
            let (sum, over) = shifted.subtractingReportingOverflow(digit)
            if tooBig || over { throw PostgreSQLFailure.decoding("a NUMERIC that does not fit in 64 bits") }
            number = sum
        }
        if sign == 0x4000 { return number }
        guard number != .min else { throw PostgreSQLFailure.decoding("a NUMERIC that does not fit in 64 bits") }
        return -number
    }
}
