/// A JSON value is not what a field needs.
package struct JSONMismatch: Error, Sendable {
    /// The place of the value, relative to the value that was read: `items[2].title`; empty for that value itself.
    package private(set) var place = ""

    package init() {}

    func under(_ name: String) -> JSONMismatch {
        var outer = self
        outer.place = place.isEmpty ? name : name + (place.utf8.first == UInt8(ascii: "[") ? "" : ".") + place
        return outer
    }
}
