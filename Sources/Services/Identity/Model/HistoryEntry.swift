import Values

/// One change of a person: who made it, when, what.
struct HistoryEntry: Sendable, Hashable {
    /// Stored as open strings; the catalogue has a text for each.
    enum What: String, Sendable, CaseIterable {
        case registered
        case renamed
        case email
        case roles
        case deactivated
        case reactivated
        case password
        case link
        case ended
        case token
        case passkey
        case passkeyRemoved = "passkey-removed"
        case passkeySuspect = "passkey-suspect"
        case codes
        case codeUsed = "code-used"
        case signInLink = "sign-in-link"
        case companyAccount = "company-account"
        case companyAccountRemoved = "company-account-removed"
    }

    let id: ID
    let at: Instant
    /// `nil` if the program itself did it, at set-up.
    let by: ID?
    let byName: String?
    let what: String
    /// The old and the new value, as text.
    let detail: String
}
