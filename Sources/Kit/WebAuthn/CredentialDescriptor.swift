import Schemas

/// A credential that may be used, or that is there already (`PublicKeyCredentialDescriptorJSON`, WebAuthn §5.8.3).
package struct CredentialDescriptor: Shown, Hashable {
    package let id: [UInt8]
    package let transports: [String]

    package init(id: [UInt8], transports: [String]) { (self.id, self.transports) = (id, transports) }

    package init(_ credential: Credential) { self.init(id: credential.id, transports: credential.transports) }

    package static let resource = Resource<CredentialDescriptor>("PasskeyDescriptor") {
        Field("type", { _ in "public-key" }, .choice(["public-key"]), "What kind of credential it is")
        Field("id", { EncodedBytes($0.id) }, EncodedBytes.idSchema, "Its id; base64url")
        Field("transports", { $0.transports.isEmpty ? nil : $0.transports }, "How its authenticator can be reached")
    }
}
