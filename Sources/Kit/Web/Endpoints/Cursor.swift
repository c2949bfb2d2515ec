import Storage
import Values

/// The position where the next page of a list starts: the sort values of the last row, as opaque text. It contains
/// nothing that its reader hasn't seen, and grants nothing: the next page is checked like the first.
package enum Cursor {
    private static let version: UInt8 = 1

    package static func encode(_ values: [Value]) -> String {
        var bytes = [version]
        for value in values { value.append(to: &bytes) }
        return Base64URL.encode(bytes)
    }

    /// The values of a cursor.
    /// - Parameter count: the required number of values.
    /// - Throws: a 422 problem for anything that ``encode(_:)`` did not write.
    package static func decode(_ text: String, count: Int) throws -> [Value] {
        let invalid = Problem.invalid("cursor", "web.cursor")
        guard text.utf8.count <= 4096, let bytes = Base64URL.decode(text), bytes.first == version else { throw invalid }
        var position = 1
        func number() throws -> UInt64 {
            guard bytes.count - position >= 8 else { throw invalid }
            defer { position += 8 }
            return bytes[position..<position + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        func chunk() throws -> ArraySlice<UInt8> {
            let length = try number()
            guard length <= UInt64(bytes.count - position) else { throw invalid }
            defer { position += Int(length) }
            return bytes[position..<position + Int(length)]
        }
        var values: [Value] = []
        while position < bytes.count {
            let kind = bytes[position]
            position += 1
            switch kind {
            case 0: values.append(.null)
            case 1: values.append(.integer(Int64(bitPattern: try number())))
            case 2:
                let part = try chunk()
                guard let text = String(validating: part, as: UTF8.self), !part.contains(0) else { throw invalid }
                values.append(.text(text))
            case 3: values.append(Array(try chunk()).stored)
            default: throw invalid
            }
        }
        guard values.count == count else { throw invalid }
        return values
    }

    /// One value of a decoded cursor, as the type of its column.
    /// - Throws: a 422 problem if it has another type.
    package static func value<T: Storable>(_ values: [Value], _ index: Int, as type: T.Type = T.self) throws -> T {
        guard values.indices.contains(index), let value = try? T.restored(from: values[index]) else {
            throw Problem.invalid("cursor", "web.cursor")
        }
        return value
    }
}

extension Call {
    /// The values of the query's `cursor`; `nil` on the first page.
    /// - Throws: a 422 problem for a cursor that is not from this list.
    package func cursor(_ count: Int) throws -> [Value]? {
        try query("cursor").map { try Cursor.decode($0, count: count) }
    }
}
