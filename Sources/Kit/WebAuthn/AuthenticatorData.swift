/// What an authenticator says of itself and of what it did (WebAuthn §6.1).
package struct AuthenticatorData: Hashable, Sendable {
    /// Its flags (§6.1). The two that are reserved mean nothing here.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// UP: somebody was there.
        package static let userPresent = Flags(rawValue: 1)
        /// UV: a PIN or a finger said that it was the user.
        package static let userVerified = Flags(rawValue: 1 << 2)
        /// BE: the credential may be backed up; this never changes (§6.1.3).
        package static let backupEligible = Flags(rawValue: 1 << 3)
        /// BS: it is backed up now (§6.1.3).
        package static let backedUp = Flags(rawValue: 1 << 4)
        /// AT: a new credential follows (§6.5.1).
        package static let attested = Flags(rawValue: 1 << 6)
        /// ED: extensions follow (§9.5).
        package static let extended = Flags(rawValue: 1 << 7)
    }

    /// SHA-256 of the id of the relying party.
    package let relyingPartyHash: [UInt8]
    package let flags: Flags
    /// How often the credential, or its authenticator, has signed; always 0 if nobody counts (§6.1.1).
    package let counter: UInt32
    package let attested: AttestedCredential?
    /// A map (§9.5); `nil` if there are none.
    package let extensions: CBOR?

    /// Reads all of the bytes (§6.1).
    package init(_ bytes: [UInt8]) throws(WebAuthnError) {
        guard bytes.count >= 37 else { throw .authenticatorDataLength }
        relyingPartyHash = Array(bytes.prefix(32))
        flags = Flags(rawValue: bytes[32])
        counter = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        guard flags.contains(.backupEligible) || !flags.contains(.backedUp) else { throw .backedUpButNotEligible }
        var rest = bytes.dropFirst(37)
        attested = flags.contains(.attested) ? try AttestedCredential(takenFrom: &rest) : nil
        extensions = flags.contains(.extended) ? try AuthenticatorData.value(takenFrom: &rest) : nil
        if let extensions, extensions.members == nil { throw .extensions }
        guard rest.isEmpty else { throw .authenticatorDataLength }
    }

    /// Reads a CBOR value from the beginning of `bytes` and takes it off.
    static func value(takenFrom bytes: inout ArraySlice<UInt8>) throws(WebAuthnError) -> CBOR {
        do throws(CBOR.Fault) {
            let (value, length) = try CBOR.beginning(of: bytes)
            bytes = bytes.dropFirst(length)
            return value
        } catch {
            throw .malformedAuthenticatorData(error)
        }
    }
}
