import Schemas

/// What `PublicKeyCredential.parseRequestOptionsFromJSON()` reads: `PublicKeyCredentialRequestOptionsJSON` (WebAuthn
/// §5.1.9).
package struct RequestOptions: Shown {
    private let party: String
    private let challenge: EncodedBytes
    private let allowed: [CredentialDescriptor]
    private let verification: UserVerification
    private let timeout: Int64

    /// - Parameters:
    ///   - challenge: random bytes, at least ``RelyingParty/shortestChallenge``, used once (§13.4.3).
    ///   - allowed: what the account has; empty if it is not known yet who signs in: any passkey (§5.5).
    ///   - milliseconds: how long the browser waits (§5.5).
    package init(
        for party: RelyingParty, challenge: [UInt8], allowed: [CredentialDescriptor], verification: UserVerification,
        milliseconds: Int64
    ) {
        (self.party, self.challenge, self.allowed) = (party.id, EncodedBytes(challenge), allowed)
        (self.verification, timeout) = (verification, milliseconds)
    }

    package static let resource = Resource<RequestOptions>("PasskeyRequest") {
        Field("rpId", \.party, "Whom it was made for")
        Field("challenge", \.challenge, "What is to be signed; base64url")
        Field("allowCredentials", \.allowed, "What may be used; any passkey if none is named")
        Field("userVerification", \.verification, "Whether a PIN or a finger is asked for")
        Field("timeout", \.timeout, "How long the browser waits, in milliseconds")
    }

    /// The JSON (§5.1.9).
    package var written: [UInt8] { RequestOptions.resource.written(self) }
}
