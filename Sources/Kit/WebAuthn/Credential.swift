/// A passkey, as it is stored by whom it lets in (the credential record, WebAuthn §4).
package struct Credential: Hashable, Sendable {
    /// 1 to 1023 bytes, and no two accounts may have the same (§7.1): the caller sees to that.
    package let id: [UInt8]
    package let key: COSEKey
    /// The counter of the last assertion (§6.1.1).
    package let counter: UInt32
    /// The model of the authenticator, which is only a claim (§6.5.1): 16 bytes.
    package let model: [UInt8]
    /// Whether it may be backed up: never changes (§6.1.3).
    package let isBackupEligible: Bool
    /// Whether it is (§6.1.3).
    package let isBackedUp: Bool
    /// Whether the user was verified when it was made (`uvInitialized`, §4).
    package let isVerified: Bool
    /// How the authenticator can be reached, as hints for ``CredentialDescriptor`` (§5.8.4).
    package let transports: [String]
    /// The format of the attestation, which was not checked (§6.5.4).
    package let format: String

    package init(
        id: [UInt8], key: COSEKey, counter: UInt32, model: [UInt8], isBackupEligible: Bool, isBackedUp: Bool,
        isVerified: Bool, transports: [String], format: String
    ) {
        (self.id, self.key, self.counter, self.model) = (id, key, counter, model)
        (self.isBackupEligible, self.isBackedUp, self.isVerified) = (isBackupEligible, isBackedUp, isVerified)
        (self.transports, self.format) = (transports, format)
    }
}
