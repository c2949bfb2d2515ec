import Schemas

/// What a browser answers to ``CreationOptions``: `RegistrationResponseJSON` (WebAuthn §5.1), as
/// `PublicKeyCredential.toJSON()` writes it. All of its members are declared, so that a schema lets it pass; those that
/// only repeat what is inside of the attestation object (§5.2.1.1) are not read.
package struct RegistrationResponse: Shaped, Hashable {
    /// `AuthenticatorAttestationResponseJSON` (§5.1).
    struct Attestation: Shaped, Hashable {
        let clientData: EncodedBytes
        let object: EncodedBytes
        let transports: [String]?
        let authenticatorData: String?
        let publicKey: String?
        let publicKeyAlgorithm: Int64?

        static let shape = Shape("AttestationResponse", Attestation.init) {
            Field("clientDataJSON", \.clientData, "What the browser says of the page that asked; base64url")
            Field("attestationObject", \.object, "What the authenticator says of the credential; base64url")
            Field("transports", \.transports, "How the authenticator can be reached")
            Field("authenticatorData", \.authenticatorData, "A part of the attestation object; not read")
            Field("publicKey", \.publicKey, "A part of the attestation object; not read")
            Field(
                "publicKeyAlgorithm", \.publicKeyAlgorithm, .optional(.integer(-0x8000_0000...0x7FFF_FFFF)),
                "A part of the attestation object; not read")
        }
    }

    /// How many bytes of JSON a response may be.
    package static let largest = 65_536

    package let id: String
    private let encodedID: EncodedBytes
    package let type: String
    private let attachment: String?
    private let response: Attestation
    private let results: ExtensionResults?

    package static let shape = Shape("RegistrationResponse", RegistrationResponse.init) {
        Field("id", \.id, EncodedBytes.idSchema, "The credential's id; base64url")
        Field("rawId", \.encodedID, EncodedBytes.idSchema, "The same")
        Field("type", \.type, .choice(["public-key"]), "What kind of credential it is")
        Field("authenticatorAttachment", \.attachment, "Whether the authenticator is a part of the device; not read")
        Field("response", \.response, "What the authenticator answered")
        Field("clientExtensionResults", \.results, "What the browser made of extensions")
    }

    private init(
        id: String, rawID: EncodedBytes, type: String, attachment: String?, response: Attestation,
        results: ExtensionResults?
    ) {
        (self.id, encodedID, self.type, self.attachment) = (id, rawID, type, attachment)
        (self.response, self.results) = (response, results)
    }

    /// Reads JSON as it was sent: at most ``largest`` bytes. Members that are not declared are ignored.
    package init(_ bytes: [UInt8]) throws(WebAuthnError) { self = try RegistrationResponse.shape.response(bytes) }

    package var rawID: [UInt8] { encodedID.bytes }
    /// ``ClientData`` as it was hashed (§5.2).
    package var clientData: [UInt8] { response.clientData.bytes }
    /// ``AttestationObject`` (§5.2.1).
    package var attestationObject: [UInt8] { response.object.bytes }
    /// At most eight short words, for they are only hints (§5.8.4).
    package var transports: [String] { Array((response.transports ?? []).filter { $0.utf8.count <= 32 }.prefix(8)) }
    /// Whether the credential can be used without saying first who one is, as the browser tells (§10.1.3).
    package var isDiscoverable: Bool? { results?.properties?.isDiscoverable }
}

extension Shape {
    /// Reads what a browser sent.
    func response(_ bytes: [UInt8]) throws(WebAuthnError) -> Root {
        guard bytes.count <= RegistrationResponse.largest else { throw .tooLarge }
        guard let json = try? JSONText(bytes) else { throw .malformedResponse("") }
        do throws(JSONMismatch) { return try read(json) } catch { throw .malformedResponse(error.place) }
    }
}
