/// A new credential, as its authenticator describes it (attested credential data, WebAuthn §6.5.1).
package struct AttestedCredential: Hashable, Sendable {
    /// The model of the authenticator: 16 bytes, all zero if it is not told (§6.5.1). Without a checked attestation it is
    /// only a claim.
    package let model: [UInt8]
    /// 1 to 1023 bytes (§6.5.1, §7.1).
    package let id: [UInt8]
    package let key: COSEKey

    /// How long ids may be (§5.4.3, §7.1).
    package static let idLengths = 1...1023

    /// Reads one from the beginning of `bytes` and takes it off.
    init(takenFrom bytes: inout ArraySlice<UInt8>) throws(WebAuthnError) {
        guard bytes.count >= 18 else { throw .authenticatorDataLength }
        model = Array(bytes.prefix(16))
        let length = bytes.dropFirst(16).prefix(2).reduce(0) { $0 << 8 | Int($1) }
        bytes = bytes.dropFirst(18)
        guard AttestedCredential.idLengths.contains(length) else { throw .credentialID }
        guard bytes.count >= length else { throw .authenticatorDataLength }
        id = Array(bytes.prefix(length))
        bytes = bytes.dropFirst(length)
        key = try COSEKey(AuthenticatorData.value(takenFrom: &bytes))
    }
}
