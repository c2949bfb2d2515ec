/// Which check of a registration (WebAuthn §7.1) or an assertion (§7.2) failed. For logs and tests: whoever tries to get
/// in is told no more than that it failed.
package enum WebAuthnError: Error, Hashable, Sendable {
    // What was sent.

    /// More than ``RegistrationResponse/largest`` bytes.
    case tooLarge
    /// No JSON, or not of the form of §5.1: the place of what is missing or of another kind.
    case malformedResponse(String)
    /// The type of the credential is not `public-key` (§5.8.2).
    case credentialType
    /// `id` and `rawId` differ (§5.1), or no credential has such an id (§6.5.1: 1 to 1023 bytes).
    case credentialID

    // Client data (§5.8.1).

    /// No strict JSON, or a member is missing or of another kind.
    case malformedClientData
    /// Neither `webauthn.create` for a registration nor `webauthn.get` for an assertion (§7.1, §7.2).
    case clientDataType
    /// Another challenge than ours, or ours is too short to be one (§13.4.3).
    case challenge
    /// Made for another origin (§7.1, §7.2, §13.4.9).
    case origin
    /// Made in a frame of another origin (§5.8.1).
    case crossOrigin

    // The attestation object (§6.5.4).

    /// No CBOR.
    case malformedAttestation(CBOR.Fault)
    /// CBOR, but no map of a format, a statement and authenticator data.
    case attestationShape
    /// The format is `none`, and there is a statement all the same (§8.7).
    case statementNotEmpty

    // Authenticator data (§6.1).

    /// It ends too early, or bytes follow.
    case authenticatorDataLength
    /// Its key or its extensions are no CBOR.
    case malformedAuthenticatorData(CBOR.Fault)
    /// The extensions are no map (§9.5).
    case extensions
    /// A backup of what can't be backed up (§6.1.3).
    case backedUpButNotEligible
    /// Made for another relying party (§7.1, §7.2).
    case relyingParty
    /// Nobody was there (§7.1, §7.2).
    case userNotPresent
    /// Who was there has not been verified, and that was demanded (§7.1, §7.2).
    case userNotVerified
    /// A registration without a credential (§7.1).
    case noCredential
    /// An assertion with one (§6.3.3).
    case unexpectedCredential

    // The key (§5.8.5, RFC 9053).

    /// No key, or not of the form that its algorithm has.
    case malformedKey
    /// An algorithm that is not known here, or was not asked for (§7.1).
    case algorithm

    // Assertions (§7.2).

    /// Another credential than the one it is checked with.
    case otherCredential
    /// The credential is somebody else's.
    case userHandle
    /// What may be backed up never changes (§6.1.3).
    case backupEligibility
    /// The signature is not of the credential's key over what was sent.
    case signature
}
