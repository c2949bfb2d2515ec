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
