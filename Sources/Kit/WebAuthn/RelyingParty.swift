import Crypto
import Values

/// Whom credentials are made for (WebAuthn §4): a domain, and the one origin whose pages may ask.
package struct RelyingParty: Hashable, Sendable {
    /// The domain, such as `popug.example`.
    package let id: String
    /// Such as `https://popug.example`, with a port if it is not the usual one (§5.8.1, RFC 6454 §6.2).
    package let origin: String

    /// From the address where people reach the pages: a path and a query are dropped. `nil` for what browsers have no
    /// passkeys for: an IP address, and `http:` but to `localhost` (§4, §13.4.9: ids are domains, and origins are
    /// secure contexts). Letters beyond ASCII must be written as mail and browsers send them (`xn--…`).
    package init?(address: String) {
        var rest = Array(address.utf8)[...]
        func take(_ word: String) -> Bool {
            guard rest.starts(with: word.utf8, by: { RelyingParty.lower($0) == $1 }) else { return false }
            rest = rest.dropFirst(word.utf8.count)
            return true
        }
        let isSecure = take("https://")
        guard isSecure || take("http://") else { return nil }
        let authority = rest.prefix { ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
        let host = authority.prefix { $0 != UInt8(ascii: ":") }
        let domain = String(decoding: host.map(RelyingParty.lower), as: UTF8.self)
        guard RelyingParty.isDomain(domain), isSecure || domain == "localhost" || domain.hasSuffix(".localhost")
        else { return nil }
        var origin = (isSecure ? "https://" : "http://") + domain
        let port = authority.dropFirst(host.count)
        if !port.isEmpty {
            let digits = port.dropFirst()
            guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt16(String(decoding: digits, as: UTF8.self)), number > 0
            else { return nil }
            if number != (isSecure ? 443 : 80) { origin += ":\(number)" }
        }
        (id, self.origin) = (domain, origin)
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    /// Labels of letters, digits and hyphens. What ends in a number is an IPv4 address to browsers, however it is
    /// written (WHATWG URL §3.5).
    private static func isDomain(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, let last = labels.last else { return false }
        let isNumber =
            last.allSatisfy { (0x30...0x39).contains($0) }
            || last.starts(with: "0x".utf8)
                && last.dropFirst(2).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return !isNumber
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy {
                        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                    }
            }
    }

    /// The shortest challenge that is one (§13.4.3).
    package static let shortestChallenge = 16

    /// Checks the answer to ``CreationOptions`` (§7.1). That nobody has the credential's id yet is for the caller to
    /// check.
    /// - Parameters:
    ///   - challenge: the one that was asked with; the caller sees to it that each is used once.
    ///   - demandsVerification: whether a PIN or a finger is demanded, and not only that somebody is there.
    ///   - algorithms: those that were asked for.
    package func register(
        _ response: RegistrationResponse, challenge: [UInt8], demandsVerification: Bool,
        algorithms: [COSEKey.Algorithm] = COSEKey.Algorithm.allCases
    ) throws(WebAuthnError) -> Credential {
        try RelyingParty.check(id: response.id, rawID: response.rawID, type: response.type)
        _ = try checked(response.clientData, type: "webauthn.create", challenge: challenge)
        let object = try AttestationObject(response.attestationObject)
        let data = object.authenticatorData
        try check(data, demandsVerification: demandsVerification)
        guard let attested = data.attested else { throw .noCredential }
        guard algorithms.contains(attested.key.algorithm) else { throw .algorithm }
        guard attested.id == response.rawID else { throw .credentialID }
        return Credential(
            id: attested.id, key: attested.key, counter: data.counter, model: attested.model,
            isBackupEligible: data.flags.contains(.backupEligible), isBackedUp: data.flags.contains(.backedUp),
            isVerified: data.flags.contains(.userVerified), transports: response.transports, format: object.format)
    }

    /// Checks the answer to ``RequestOptions`` (§7.2).
    /// - Parameters:
    ///   - credential: the one whose id was sent; the caller looks it up.
    ///   - userHandle: of the account that has the credential.
    ///   - challenge: the one that was asked with; the caller sees to it that each is used once.
    ///   - demandsVerification: whether a PIN or a finger is demanded, and not only that somebody is there.
    package func assert(
        _ response: AssertionResponse, credential: Credential, userHandle: [UInt8], challenge: [UInt8],
        demandsVerification: Bool
    ) throws(WebAuthnError) -> Assertion {
        try RelyingParty.check(id: response.id, rawID: response.rawID, type: response.type)
        guard response.rawID == credential.id else { throw .otherCredential }
        if let handle = response.userHandle, !handle.isSame(as: userHandle) { throw .userHandle }
        let clientData = try checked(response.clientData, type: "webauthn.get", challenge: challenge)
        let data = try AuthenticatorData(response.authenticatorData)
        try check(data, demandsVerification: demandsVerification)
        guard data.attested == nil else { throw .unexpectedCredential }
        guard data.flags.contains(.backupEligible) == credential.isBackupEligible else { throw .backupEligibility }
        guard credential.key.verify(response.signature, over: response.authenticatorData + clientData.hash)
        else { throw .signature }
        return Assertion(
            counter: data.counter,
            isCloned: max(data.counter, credential.counter) > 0 && data.counter <= credential.counter,
            isVerified: data.flags.contains(.userVerified), isBackedUp: data.flags.contains(.backedUp))
    }

    private static func check(id: String, rawID: [UInt8], type: String) throws(WebAuthnError) {
        guard type == "public-key" else { throw .credentialType }
        guard AttestedCredential.idLengths.contains(rawID.count), id == Base64URL.encode(rawID)
        else { throw .credentialID }
    }

    /// The steps that both ceremonies have for client data.
    private func checked(
        _ bytes: [UInt8], type: String, challenge: [UInt8]
    ) throws(WebAuthnError) -> ClientData {
        let data = try ClientData(bytes)
        guard data.type.utf8.elementsEqual(type.utf8) else { throw .clientDataType }
        guard challenge.count >= RelyingParty.shortestChallenge, data.challenge.isSame(as: challenge)
        else { throw .challenge }
        guard data.origin.utf8.elementsEqual(origin.utf8) else { throw .origin }
        // No page of ours is shown in a frame of others.
        guard !data.isCrossOrigin, data.topOrigin == nil else { throw .crossOrigin }
        return data
    }

    /// The steps that both ceremonies have for authenticator data.
    private func check(_ data: AuthenticatorData, demandsVerification: Bool) throws(WebAuthnError) {
        guard data.relyingPartyHash.isSame(as: Array(SHA256.hash(data: Array(id.utf8)))) else { throw .relyingParty }
        guard data.flags.contains(.userPresent) else { throw .userNotPresent }
        guard !demandsVerification || data.flags.contains(.userVerified) else { throw .userNotVerified }
    }
}
