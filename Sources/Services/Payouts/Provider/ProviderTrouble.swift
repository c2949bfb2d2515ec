/// The provider could not be asked, or its answer cannot be understood. Nobody knows whether it was paid.
package struct ProviderTrouble: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
