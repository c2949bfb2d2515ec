import Schemas

/// The keys that a provider signs with (RFC 7517 §5).
package struct SigningKeys: Hashable, Sendable {
    /// Those that can be used, in the order of the set.
    package let all: [SigningKey]

    /// How many bytes of JSON a set may be, and how many keys it may hold.
    package static let largest = 262_144
    package static let most = 100

    /// Reads JSON as it was sent from ``ProviderMetadata/keysAddress``. Keys that can't be used are skipped.
    package init(_ bytes: [UInt8]) throws(OpenIDConnectError) {
        guard bytes.count <= SigningKeys.largest else { throw .tooLarge }
        guard let json = try? JSONText(bytes), case .list(let items)? = json.member("keys")
        else { throw .malformedKeys }
        guard items.count <= SigningKeys.most else { throw .tooManyKeys }
        var keys: [SigningKey] = []
        for item in items {
            guard case .object = item else { throw .malformedKeys }
            // The same key twice is one key, so that a token without a name still means it.
            if let key = SigningKey(item), !keys.contains(key) { keys.append(key) }
        }
        guard !keys.isEmpty else { throw .noKeys }
        all = keys
    }

    /// The keys that a token can be signed with: at least one. Two keys may have one name (RFC 7517 §4.5), and both are
    /// the provider's.
    /// - Throws: ``OpenIDConnectError/unknownKey`` if the keys may have been exchanged.
    package func keys(
        named name: String?, for algorithm: SigningKey.Algorithm
    ) throws(OpenIDConnectError) -> [SigningKey] {
        guard let name else {
            let fitting = all.filter { $0.algorithm == algorithm }
            guard !fitting.isEmpty else { throw .unknownKey }
            guard fitting.count == 1 else { throw .keyNotNamed }
            return fitting
        }
        let named = all.filter { $0.isNamed(name) }
        guard !named.isEmpty else { throw .unknownKey }
        let fitting = named.filter { $0.algorithm == algorithm }
        guard !fitting.isEmpty else { throw .keyKind }
        return fitting
    }
}
