import Schemas

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
