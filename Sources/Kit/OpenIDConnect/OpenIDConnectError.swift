/// Which check of signing in with a provider failed. For logs and tests: whoever tries to get in is told no more than
/// that it failed. Sections are of OpenID Connect Core 1.0 unless another document is named.
package enum OpenIDConnectError: Error, Hashable, Sendable {
    // What is configured.

    /// No id of a client (RFC 6749 appendix A.1), or none that can be told to a provider.
    case clientID
    /// A secret with characters that none has (RFC 6749 appendix A.2), or an empty one.
    case clientSecret
    /// A scope with characters that none has (RFC 6749 appendix A.4), or too many.
    case scopes
    /// The claim that holds roles has no name, or that of a claim with another meaning.
    case rolesClaim
    /// No address that a browser can safely be sent back to (§3.1.2.1).
    case redirect

    // What a provider sent of itself (OpenID Connect Discovery §3).

    /// More bytes than such a document has.
    case tooLarge
    /// No JSON, or not of the form of the metadata: the place of what is missing or of another kind.
    case malformedMetadata(String)
    /// The metadata of another issuer (Discovery §4.3).
    case metadataIssuer
    /// An address that is not safe, has a fragment, or has one of our parameters already: its member.
    case endpoint(String)
    /// The provider can't do what we need: the member that does not name it.
    case unsupported(String)
    /// No JSON, or no set of keys (RFC 7517 §5).
    case malformedKeys
    /// More keys than a provider has.
    case tooManyKeys
    /// No key of the set can be used.
    case noKeys

    // What a browser brings back (RFC 6749 §4.1.2).

    /// No query, or it has neither a code nor an error, or both.
    case malformedResponse
    /// A parameter that stands there twice (RFC 6749 §3.1).
    case repeatedParameter(String)
    /// Another state than ours: the answer belongs to another browser or another attempt (RFC 6749 §10.12).
    case state
    /// The answer of another issuer (RFC 9207 §2.4).
    case responseIssuer
    /// The provider says no: to the browser (RFC 6749 §4.1.2.1) or to us (RFC 6749 §5.2).
    case refused(Refusal)

    // What a provider gives for a code (§3.1.3.3).

    /// No JSON, or not of the form of tokens: the place of what is missing or of another kind.
    case malformedTokens(String)
    /// Another kind of token than we can use (§3.1.3.3).
    case tokenType

    // The ID token as it is signed (RFC 7515, RFC 7519).

    /// Not three parts in base64url, or its header is no strict JSON.
    case malformedToken
    /// Signed with another algorithm than RS256 or ES256, or not signed.
    case algorithm
    /// It says that something must be understood that we do not know (RFC 7515 §4.1.11).
    case critical
    /// Signed with a key that is not among those that we have: they may have been exchanged, so fetch them once more
    /// (§10.1.1).
    case unknownKey
    /// It does not say which of several keys it is signed with (§10.1).
    case keyNotNamed
    /// Its key is of another kind than its algorithm.
    case keyKind
    /// The signature is not of the key over what was sent.
    case signature

    // What it claims (§3.1.3.7).

    /// No strict JSON, or a claim is missing or of another kind: its name; empty for all of it.
    case malformedClaims(String)
    /// Issued by another provider.
    case issuer
    /// Meant for others.
    case audience
    /// Meant for several, and asked for by another.
    case authorizedParty
    /// Its time is over.
    case expired
    /// Issued in the future.
    case issuedInFuture
    /// Its time has not come.
    case notYetValid
    /// The person proved too long ago who they are, or it is not told when (§3.1.2.1, `max_age`).
    case authenticationTime
    /// Another nonce than ours: it is of another attempt, or was used already.
    case nonce
    /// Nobody, or no subject that has the form of one (§2).
    case subject
}
