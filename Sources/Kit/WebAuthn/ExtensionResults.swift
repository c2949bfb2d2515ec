import Schemas

/// What the browser made of extensions (`AuthenticationExtensionsClientOutputsJSON`, WebAuthn §5.1). We ask for
/// `credProps` only (§10.1.3).
package struct ExtensionResults: Shaped, Hashable {
    /// `CredentialPropertiesOutput` (§10.1.3).
    package struct Properties: Shaped, Hashable {
        /// Whether the credential can be used without saying first who one is; unknown if it is not told.
        package let isDiscoverable: Bool?

        package static let shape = Shape("CredentialProperties", Properties.init) {
            Field("rk", \.isDiscoverable, "Whether the credential is discoverable")
        }
    }

    package let properties: Properties?

    package static let shape = Shape("ExtensionResults", ExtensionResults.init) {
        Field("credProps", \.properties, "Properties of the credential")
    }
}
