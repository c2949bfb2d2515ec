import Storage

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
