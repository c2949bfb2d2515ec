/// How somebody proves who they are.
package enum Way: String, Sendable, CaseIterable {
    case password
    case passkey
    /// A link in a letter (S8).
    case link
    /// A recovery code, printed before the device was lost.
    case code
    /// The account at the company's identity provider.
    case company
}
