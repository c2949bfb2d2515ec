import Schemas

/// What a browser answers to ``RequestOptions``: `AuthenticationResponseJSON` (WebAuthn §5.1), as
/// `PublicKeyCredential.toJSON()` writes it. All of its members are declared, so that a schema lets it pass.
package struct AssertionResponse: Shaped, Hashable {
    /// `AuthenticatorAssertionResponseJSON` (§5.1).
    struct Signed: Shaped, Hashable {
        let clientData: EncodedBytes
        let authenticatorData: EncodedBytes
        let signature: EncodedBytes
        let userHandle: EncodedBytes?
        let attestationObject: String?

        static let shape = Shape("SignedResponse", Signed.init) {
            Field("clientDataJSON", \.clientData, "What the browser says of the page that asked; base64url")
            Field("authenticatorData", \.authenticatorData, "What the authenticator says of what it did; base64url")
            Field("signature", \.signature, "The signature over both; base64url")
            Field("userHandle", \.userHandle, "Whose credential it is; base64url")
            Field("attestationObject", \.attestationObject, "Not read")
        }
    }

    package let id: String
    private let encodedID: EncodedBytes
    package let type: String
    private let attachment: String?
    private let response: Signed
    private let results: ExtensionResults?

    package static let shape = Shape("AssertionResponse", AssertionResponse.init) {
        Field("id", \.id, EncodedBytes.idSchema, "The credential's id; base64url")
        Field("rawId", \.encodedID, EncodedBytes.idSchema, "The same")
        Field("type", \.type, .choice(["public-key"]), "What kind of credential it is")
        Field("authenticatorAttachment", \.attachment, "Whether the authenticator is a part of the device; not read")
        Field("response", \.response, "What the authenticator answered")
        Field("clientExtensionResults", \.results, "What the browser made of extensions; not read")
    }

    private init(
        id: String, rawID: EncodedBytes, type: String, attachment: String?, response: Signed,
        results: ExtensionResults?
    ) {
        (self.id, encodedID, self.type, self.attachment) = (id, rawID, type, attachment)
        (self.response, self.results) = (response, results)
    }

    /// Reads JSON as it was sent: at most ``RegistrationResponse/largest`` bytes. Members that are not declared are
    /// ignored.
    package init(_ bytes: [UInt8]) throws(WebAuthnError) { self = try AssertionResponse.shape.response(bytes) }

    /// By which the caller finds the credential.
    package var rawID: [UInt8] { encodedID.bytes }
    /// ``ClientData`` as it was hashed (§5.2).
    package var clientData: [UInt8] { response.clientData.bytes }
    /// ``AuthenticatorData`` as it was signed (§5.2.2).
    package var authenticatorData: [UInt8] { response.authenticatorData.bytes }
    /// Over the authenticator data and the client data's hash (§6.3.3).
    package var signature: [UInt8] { response.signature.bytes }
    /// Whose credential it is, if the authenticator tells: the ``UserEntity/handle`` it was made for (§5.2.2).
    package var userHandle: [UInt8]? { response.userHandle?.bytes }
}
