import Schemas
import Storage
import Values

/// Where the next page of a list starts: the sort values of a row, as a cursor holds them.
package protocol CursorKey: Sendable {
    /// The number of values.
    static var width: Int { get }
    var cursorValues: [Value] { get }
    /// - Throws: a 422 problem for values that are not from this list.
    init(cursorValues: [Value]) throws
}

extension CursorKey where Self: Storable {
    package static var width: Int { 1 }
    package var cursorValues: [Value] { [stored] }
    package init(cursorValues: [Value]) throws { self = try Cursor.value(cursorValues, 0) }
}

extension ID: CursorKey {}
extension Int64: CursorKey {}
extension Int: CursorKey {}
extension Day: CursorKey {}

/// Two sort values, such as a name and an id.
package struct KeyPair<First: Storable & Sendable, Second: Storable & Sendable>: CursorKey {
    package let first: First
    package let second: Second

    package init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    package static var width: Int { 2 }
    package var cursorValues: [Value] { [first.stored, second.stored] }
    package init(cursorValues: [Value]) throws {
        self.init(try Cursor.value(cursorValues, 0), try Cursor.value(cursorValues, 1))
    }
}

/// A page of a list.
package struct ListPart<Row: Sendable>: Sendable {
    package let rows: [Row]
    /// The cursor of the next page; `nil` on the last.
    package let next: String?

    /// - Parameter next: the key that the next page starts after; `nil` on the last.
    package init(_ rows: [Row], next: (some CursorKey)?) {
        self.rows = rows
        self.next = next.map { Cursor.encode($0.cursorValues) }
    }

    /// The last page.
    package init(_ rows: [Row] = []) {
        self.rows = rows
        next = nil
    }

    /// A page whose cursor was made elsewhere, for example because its rows come from several lists.
    package init(_ rows: [Row], cursor: String?) {
        self.rows = rows
        next = cursor
    }

    /// The same page with each row converted.
    package func map<Other: Sendable>(_ other: (Row) -> Other) -> ListPart<Other> {
        ListPart<Other>(rows.map(other), cursor: next)
    }

    /// Makes a page of the first `limit` rows; `rows` may have one more.
    package init(_ rows: [Row], limit: Int, by key: (Row) -> some CursorKey) {
        let shown = Array(rows.prefix(limit))
        self.init(shown, next: rows.count > limit ? shown.last.map(key) : nil)
    }
}

extension Schema {
    /// A page of a list: `items`, and `next`, the cursor of the next page, if there is one.
    package static func page(of item: Schema) -> Schema {
        guard case .object(let name, _) = item else { return .list(item) }
        return .object(
            name + "Page",
            [
                Field("items", .list(item), "The rows"),
                Field("next", .optional(.string), "Cursor of the next page; missing on the last"),
            ])
    }
}

extension Call {
    /// A page of a list, by the query's `cursor` and `limit`.
    ///
    /// - Parameters:
    ///   - standard: the number of rows if `limit` is not given.
    ///   - key: a row's sort values.
    ///   - read: reads rows after a key, or the first rows for `nil`. It is asked for one row more than the page shows.
    /// - Throws: a 422 problem for a cursor that is not from this list, or an invalid limit.
    package func page<Row: Sendable, Key: CursorKey>(
        _ standard: Int = 50, by key: (Row) -> Key, _ read: (_ after: Key?, _ limit: Int) throws -> [Row]
    ) throws -> ListPart<Row> {
        let limit = try limit(standard)
        return ListPart(try read(try after(), limit + 1), limit: limit, by: key)
    }

    /// The key of the query's `cursor`; `nil` on the first page.
    package func after<Key: CursorKey>(_ type: Key.Type = Key.self) throws -> Key? {
        try cursor(Key.width).map { try Key(cursorValues: $0) }
    }
}
