/// How a client tells the token endpoint who it is (OpenID Connect Core §9).
package enum ClientAuthentication: String, Sendable {
    /// In the header `Authorization` (RFC 6749 §2.3.1).
    case basic = "client_secret_basic"
    /// In the body (RFC 6749 §2.3.1).
    case post = "client_secret_post"
    /// By its id alone: it has no secret.
    case none
}
