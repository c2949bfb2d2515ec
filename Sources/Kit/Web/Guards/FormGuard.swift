import Crypto
import Values

/// Protection against CSRF: shows that a change was intended. It uses a token in the form that another site cannot
/// know, and the browser's headers about where the request comes from.
package struct FormGuard: Sendable {
    /// Holds a random value for visitors who are not signed in. Their forms carry a keyed hash of it.
    package static let cookie = "popug_form"

    private let key: SymmetricKey
    /// The key until 0.7.0: the secret itself. Its tokens are still accepted, for forms that were open during the
    /// upgrade, and from processes that are not upgraded yet.
    private let formerKey: SymmetricKey
    private let publicAddress: String

    /// - Parameter secret: at least 16 bytes, the same for all processes of an installation.
    package init(secret: [UInt8], publicAddress: String) {
        precondition(secret.count >= 16, "a secret of at least 16 bytes")
        formerKey = SymmetricKey(data: secret)
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: formerKey, info: Array("popug forms".utf8), outputByteCount: 32)
        self.publicAddress = publicAddress
    }

    /// The token of a signed-in caller's forms.
    package func token(session: ID) -> String {
        token(FormGuard.text(session: session), key)
    }

    /// The token of an anonymous caller's forms; `value` is the cookie's.
    package func token(anonymous value: String) -> String {
        token(FormGuard.text(anonymous: value), key)
    }

    private static func text(session: ID) -> String { "session:\(session)" }
    private static func text(anonymous value: String) -> String { "anonymous:\(value)" }

    /// Encodes bytes that a browser keeps for us but cannot change: base64url, a dot, and a keyed hash.
    /// - Parameter purpose: the purpose of the bytes. They cannot be opened for another purpose.
    func sealed(_ bytes: [UInt8], for purpose: String) -> String {
        let text = Base64URL.encode(bytes)
        return text + "." + token("\(purpose):\(text)", key)
    }

    /// The bytes sealed by ``sealed(_:for:)``; `nil` for anything else.
    func opened(_ text: String, for purpose: String) -> [UInt8]? {
        let parts = text.parts(at: ".", most: 2)
        guard parts.count == 2, isToken(parts[1], of: "\(purpose):\(parts[0])") else { return nil }
        return Base64URL.decode(parts[0])
    }

    private func isToken(_ given: String, of text: String) -> Bool {
        given.isSame(as: token(text, key)) || given.isSame(as: token(text, formerKey))
    }

    private func token(_ text: String, _ key: SymmetricKey) -> String {
        Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key).prefix(18))
    }

    /// Whether a form's token belongs to the caller: to the session or, without a session, to the anonymous cookie of
    /// the same browser. That cookie may have been planted, so it does not count if there is a session.
    func accepts(_ given: String, session: ID?, cookie: String?) -> Bool {
        if let session { return isToken(given, of: FormGuard.text(session: session)) }
        guard let cookie, !cookie.isEmpty else { return false }
        return isToken(given, of: FormGuard.text(anonymous: cookie))
    }

    /// Whether, according to the browser, the request comes from one of our pages. A client that sends neither header
    /// is not a modern browser, and has no cookie to abuse.
    func ownOrigin(_ headers: WebRequest.Headers) -> Bool {
        if let site = headers.fetchSite, site != "same-origin", site != "none" { return false }
        guard let origin = headers.origin else { return true }
        return origins(headers).contains(origin)
    }

    /// The path and query of the page that a form was sent from; `nil` if unknown, or if it is not one of our pages.
    func page(_ headers: WebRequest.Headers) -> String? {
        guard let referer = headers.referer else { return nil }
        let own = origins(headers).first { referer.begins(with: $0 + "/") }
        return own.map { String(decoding: referer.utf8.dropFirst($0.utf8.count), as: UTF8.self) }
    }

    /// The origins of our pages.
    private func origins(_ headers: WebRequest.Headers) -> [String] {
        guard let host = headers.host else { return [publicAddress] }
        // If the public address is https, the same host over http is another origin. Under another name (this
        // machine's), both are accepted.
        if publicAddress == "https://" + host { return [publicAddress] }
        return [publicAddress, "http://" + host, "https://" + host]
    }
}
