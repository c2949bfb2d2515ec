import Crypto
import Directory
import Values

/// Proof that a request which changes something was meant (CSRF): a token in the form that another site cannot know,
/// and the browser's own word on where the request comes from.
package struct FormGuard: Sendable {
    /// Holds a random value for whoever is not signed in; their forms carry a keyed hash of it.
    package static let cookie = "popug_form"

    private let key: SymmetricKey
    private let publicAddress: String

    /// - Parameter secret: at least 16 bytes, the same for all processes of an installation.
    package init(secret: [UInt8], publicAddress: String) {
        precondition(secret.count >= 16, "a secret of at least 16 bytes")
        key = SymmetricKey(data: secret)
        self.publicAddress = publicAddress
    }

    /// The token of a signed-in caller's forms.
    package func token(session: ID) -> String {
        token("session:\(session)")
    }

    /// The token of an anonymous caller's forms; `value` is the cookie's.
    package func token(anonymous value: String) -> String {
        token("anonymous:\(value)")
    }

    /// Bytes that a browser keeps for us, and cannot change: base64url, a dot, and a keyed hash.
    /// - Parameter purpose: what they are for; sealed for one, they cannot be opened for another.
    func sealed(_ bytes: [UInt8], for purpose: String) -> String {
        let text = Base64URL.encode(bytes)
        return text + "." + token("\(purpose):\(text)")
    }

    /// What ``sealed(_:for:)`` sealed; `nil` for anything else.
    func opened(_ text: String, for purpose: String) -> [UInt8]? {
        let parts = text.parts(at: ".", most: 2)
        guard parts.count == 2, parts[1].isSame(as: token("\(purpose):\(parts[0])")) else { return nil }
        return Base64URL.decode(parts[0])
    }

    private func token(_ text: String) -> String {
        Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key).prefix(18))
    }

    /// Whether a form's token belongs to the caller: to the session, or, of somebody without one, to the anonymous cookie
    /// of the same browser. That cookie may have been planted, so it says nothing for a session.
    func accepts(_ given: String, session: ID?, cookie: String?) -> Bool {
        if let session { return given.isSame(as: token(session: session)) }
        guard let cookie, !cookie.isEmpty else { return false }
        return given.isSame(as: token(anonymous: cookie))
    }

    /// Whether the browser says that the request comes from a page of ours. What sends neither header is no browser of
    /// today, and has no cookie to abuse.
    func ownOrigin(_ headers: WebRequest.Headers) -> Bool {
        if let site = headers.fetchSite, site != "same-origin", site != "none" { return false }
        guard let origin = headers.origin else { return true }
        return origins(headers).contains(origin)
    }

    /// The path and query of the page that a form was sent from; `nil` where it is not said, or is no page of ours.
    func page(_ headers: WebRequest.Headers) -> String? {
        guard let referer = headers.referer else { return nil }
        let own = origins(headers).first { referer.begins(with: $0 + "/") }
        return own.map { String(decoding: referer.utf8.dropFirst($0.utf8.count), as: UTF8.self) }
    }

    /// What our pages' addresses begin with.
    private func origins(_ headers: WebRequest.Headers) -> [String] {
        guard let host = headers.host else { return [publicAddress] }
        // Behind https the same host without it is another origin; by another name (this machine's) it may be either.
        if publicAddress == "https://" + host { return [publicAddress] }
        return [publicAddress, "http://" + host, "https://" + host]
    }
}
