/// The bytes are not one JSON value.
package struct BrokenJSON: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where it shows, in bytes from the beginning.
    package let position: Int

    package var description: String { "no JSON, from byte \(position) on" }
}
