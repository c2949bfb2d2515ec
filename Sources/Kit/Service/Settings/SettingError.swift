/// A setting is wrong or missing; says what it must be, for the person who set it.
package struct SettingError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// Nothing was given, and there is no default.
    package let isMissing: Bool

    package init(_ description: String, isMissing: Bool = false) {
        self.description = description
        self.isMissing = isMissing
    }
}
