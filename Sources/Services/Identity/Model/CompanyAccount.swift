import Values

/// An account at the company's identity provider that signs a person in here.
struct CompanyAccount: Sendable, Hashable {
    let id: ID
    let person: ID
    let issuer: String
    /// Who it is there: never given to another, and of a meaning only together with the issuer.
    let subject: String
    let created: Instant
    let used: Instant?
    /// Whether Identity stored it for this person (X60). Otherwise it lets nobody in.
    let isOurs: Bool
}
