import AsyncHTTPClient
import Crypto
import Directory
import Foundation
import NIOCore
import Synchronization
import Values

/// Finds the person that a token names, checked offline with Identity's public keys, so that each person has a token
/// bucket of their own. A caller without a known token is charged only by address, and may send no large body. The
/// service checks every caller again.
final class IdentityKeys: Sendable {
    private struct State {
        var keys: [String: [UInt8]] = [:]
        var known: [String: Token.Claims] = [:]
    }

    private static let mostKnown = 50_000

    private let state = Mutex(State())
    private let environment: Environment

    init(environment: Environment) {
        self.environment = environment
    }

    /// The person of a valid token.
    func person(_ token: String) -> ID? {
        let now = environment.now()
        let (known, keys) = state.withLock { ($0.known[token], $0.keys) }
        if let known { return (try? Token.check(known, now: now)) != nil ? known.person : nil }
        guard !keys.isEmpty, let claims = try? Token.verify(token, keys: keys, now: now) else { return nil }
        state.withLock { state in
            if state.known.count >= IdentityKeys.mostKnown { state.known = [:] }
            state.known[token] = claims
        }
        return claims.person
    }

    /// Whether any of Identity's keys is known.
    var hasKeys: Bool { state.withLock { !$0.keys.isEmpty } }

    private struct KeySet: Decodable {
        struct Key: Decodable {
            let kid: String
            let x: String
            let y: String
        }
        let keys: [Key]
    }

    /// Takes a key set (RFC 7517) as Identity serves it; anything else changes nothing.
    func learn(_ document: [UInt8]) {
        guard let set = try? JSONDecoder().decode(KeySet.self, from: Data(document)) else { return }
        var keys: [String: [UInt8]] = [:]
        for key in set.keys {
            guard let x = Base64URL.decode(key.x[...]), let y = Base64URL.decode(key.y[...]), x.count == 32,
                y.count == 32
            else { continue }
            keys[key.kid] = [4] + x + y
        }
        state.withLock { state in
            if state.keys != keys { state.known = [:] }
            state.keys = keys
        }
    }
}
