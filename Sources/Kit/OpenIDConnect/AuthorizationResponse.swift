import Values

/// What a browser brings back from a provider (OpenID Connect Core §3.1.2.5, RFC 6749 §4.1.2).
package struct AuthorizationResponse: Hashable, Sendable {
    /// What is exchanged for tokens, once.
    package let code: String

    /// How many bytes the query may be.
    package static let largest = 8192
    private static let longestCode = 4096

    /// Checks the query of the address that the browser came back to. Parameters that are not known are ignored.
    /// - Parameter secrets: those of the browser's own attempt.
    /// - Throws: ``OpenIDConnectError/refused(_:)`` if the provider says no.
    package init(
        query: String, to secrets: SignInSecrets, from metadata: ProviderMetadata, of provider: Provider
    ) throws(OpenIDConnectError) {
        guard query.utf8.count <= AuthorizationResponse.largest else { throw .tooLarge }
        guard let pairs = FormText.pairs(query) else { throw .malformedResponse }
        func value(_ name: String) throws(OpenIDConnectError) -> String? {
            let values = pairs.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
            guard values.count <= 1 else { throw .repeatedParameter(name) }
            return values.first
        }
        // Before all else: what belongs to no attempt of this browser says nothing, not even an error.
        guard let state = try value("state"), state.isSame(as: secrets.state) else { throw .state }
        if let issuer = try value("iss") {
            guard provider.issuer.isWritten(issuer) else { throw .responseIssuer }
        } else if metadata.namesIssuer {
            throw .responseIssuer
        }
        let code = try value("code")
        if let error = try value("error") {
            guard code == nil, let refusal = Refusal(code: error, description: try value("error_description"))
            else { throw .malformedResponse }
            throw .refused(refusal)
        }
        guard let code, (1...AuthorizationResponse.longestCode).contains(code.utf8.count),
            code.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw .malformedResponse }
        self.code = code
    }
}
