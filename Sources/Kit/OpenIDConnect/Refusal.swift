import Values

/// How a provider says no (RFC 6749 §4.1.2.1, §5.2). For logs: the words are the provider's, or of who pretends to be
/// it.
package struct Refusal: Hashable, Sendable {
    /// Such as `access_denied`.
    package let code: String
    /// Made plain, and cut to ``longestDescription``.
    package let description: String?

    /// In scalars.
    package static let longestDescription = 300

    /// `nil` if the code has not the form of one: 1 to 64 characters (RFC 6749 appendix A.7).
    init?(code: String, description: String?) {
        guard (1...64).contains(code.utf8.count),
            code.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        else { return nil }
        self.code = code
        self.description = description.map {
            $0.without(TypedText.isHidden).beginning(Refusal.longestDescription)
        }
    }
}
