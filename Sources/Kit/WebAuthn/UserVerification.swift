import Schemas

/// What is asked of an authenticator (`UserVerificationRequirement`, WebAuthn §5.8.6).
package enum UserVerification: String, CaseIterable, JSONWord {
    case required
    case preferred
    case discouraged
}
