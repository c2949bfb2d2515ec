import Schemas

/// What `PublicKeyCredential.parseCreationOptionsFromJSON()` reads: `PublicKeyCredentialCreationOptionsJSON` (WebAuthn
/// §5.1.8). It asks for a passkey (discoverable, §5.4.6) and for no attestation (§5.4.7).
package struct CreationOptions: Shown {
    private let party: Party
    private let user: UserEntity
    private let challenge: EncodedBytes
    private let parameters: [Parameter]
    private let timeout: Int64
    private let excluded: [CredentialDescriptor]
    private let selection: Selection

    /// - Parameters:
    ///   - name: of the relying party, as people know it (§5.4.1).
    ///   - challenge: random bytes, at least ``RelyingParty/shortestChallenge``, used once (§13.4.3).
    ///   - excluded: what the account has already: no authenticator makes a second one (§5.4).
    ///   - milliseconds: how long the browser waits (§5.4).
    ///   - algorithms: the best first.
    package init(
        for party: RelyingParty, named name: String, user: UserEntity, challenge: [UInt8],
        excluded: [CredentialDescriptor], verification: UserVerification, milliseconds: Int64,
        algorithms: [COSEKey.Algorithm] = COSEKey.Algorithm.allCases
    ) {
        self.party = Party(id: party.id, name: name)
        (self.user, self.challenge, self.excluded) = (user, EncodedBytes(challenge), excluded)
        parameters = algorithms.map { Parameter(algorithm: $0.rawValue) }
        timeout = milliseconds
        selection = Selection(verification: verification)
    }

    package static let resource = Resource<CreationOptions>("PasskeyCreation") {
        Field("rp", \.party, "Whom it is made for")
        Field("user", \.user, "Whose it is")
        Field("challenge", \.challenge, "What is to be signed; base64url")
        Field("pubKeyCredParams", \.parameters, "Algorithms, the best first")
        Field("timeout", \.timeout, "How long the browser waits, in milliseconds")
        Field("excludeCredentials", \.excluded, "What the account has already")
        Field("authenticatorSelection", \.selection, "What the authenticator must be able to do")
        Field("attestation", { _ in "none" }, .choice(["none"]), "Nothing is asked of the authenticator's maker")
        Field("extensions", { _ in Extensions() }, "What is asked beside")
    }

    /// The JSON (§5.1.8).
    package var written: [UInt8] { CreationOptions.resource.written(self) }

    /// `PublicKeyCredentialRpEntity` (§5.4.2).
    private struct Party: Shown {
        let id: String
        let name: String

        static let resource = Resource<Party>("PasskeyParty") {
            Field("id", \.id, "Its domain")
            Field("name", \.name, "Its name")
        }
    }

    /// `PublicKeyCredentialParameters` (§5.3).
    private struct Parameter: Shown {
        let algorithm: Int64

        static let resource = Resource<Parameter>("PasskeyAlgorithm") {
            Field("type", { _ in "public-key" }, .choice(["public-key"]), "What kind of credential it is")
            Field("alg", \.algorithm, .integer(-65_536...0), "Its number at IANA's COSE registry")
        }
    }

    /// `AuthenticatorSelectionCriteria` (§5.4.4).
    private struct Selection: Shown {
        let verification: UserVerification

        static let resource = Resource<Selection>("PasskeySelection") {
            Field("residentKey", { _ in "required" }, .choice(["required"]), "It must be discoverable")
            Field("requireResidentKey", { _ in true }, "The same, for old browsers")
            Field("userVerification", \.verification, "Whether a PIN or a finger is asked for")
        }
    }

    /// `AuthenticationExtensionsClientInputs`: whether it is discoverable is to be told (§10.1.3).
    private struct Extensions: Shown {
        static let resource = Resource<Extensions>("PasskeyExtensions") {
            Field("credProps", { _ in true }, "The credential's properties")
        }
    }
}
