/// Something that must not happen, in the auditor's words.
package struct Finding: Error, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
