import Schemas

/// Whom a credential is made for (`PublicKeyCredentialUserEntityJSON`, WebAuthn §5.4.3).
package struct UserEntity: Shown, Hashable {
    /// 1 to 64 bytes that say nothing of the person, always the same for an account (§14.6.1).
    package let handle: [UInt8]
    /// What one signs in with.
    package let name: String
    package let displayName: String

    package init(handle: [UInt8], name: String, displayName: String) {
        (self.handle, self.name, self.displayName) = (handle, name, displayName)
    }

    package static let resource = Resource<UserEntity>("PasskeyUser") {
        Field(
            "id", { EncodedBytes($0.handle) }, .text(2...86), "The account, which is no secret and says nothing of it")
        Field("name", \.name, "What one signs in with")
        Field("displayName", \.displayName, "The name that is shown")
    }
}
