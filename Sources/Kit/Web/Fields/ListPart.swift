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
