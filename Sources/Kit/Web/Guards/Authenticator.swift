import Directory
import Storage
import Synchronization
import Values

/// Identifies the caller from a token. Keys and verified signatures are cached for a few seconds, so the expensive
/// check is rare. It runs on the request's own thread, or in its transaction if the keys must be read first. Whether
/// the session is still valid, and what its person may do, is read again in every transaction (X7).
final class Authenticator: Sendable {
    private struct State {
        var keys: [String: Directory.Key] = [:]
        var loaded: Int64?
        var verified: [String: Verified] = [:]
    }

    private struct Verified {
        let claims: Token.Claims
        let until: Instant
    }

    /// What can be decided without the database.
    enum Finding: Sendable {
        case nobody
        case claims(Token.Claims)
        /// The keys must be read first.
        case undecided(String)
        case refused
    }

    private static let keysMilliseconds: Int64 = 5000
    private static let mostVerified = 20_000

    private let state = Mutex(State())
    private let environment: Environment

    init(environment: Environment) {
        self.environment = environment
    }

    func look(at token: String?) -> Finding {
        guard let token else { return .nobody }
        let now = environment.now()
        let uptime = environment.uptime()
        enum Known {
            case stale
            case verified(Verified)
            case keys([String: Directory.Key])
        }
        let known = state.withLock { state -> Known in
            guard let loaded = state.loaded, uptime - loaded < Authenticator.keysMilliseconds, uptime >= loaded else {
                return .stale
            }
            if let verified = state.verified[token], now <= verified.until { return .verified(verified) }
            return .keys(state.keys)
        }
        switch known {
        case .stale: return .undecided(token)
        case .verified(let verified): return still(verified, now: now)
        case .keys(let keys):
            do throws(Token.Failure) {
                return .claims(try verify(token, keys: keys, now: now))
            } catch {
                if case .unknownKey = error { return .undecided(token) }
                return .refused
            }
        }
    }

    /// Decides what ``look(at:)`` could not, with the service's current keys.
    func decide(_ finding: Finding, in transaction: any Transaction) throws -> Finding {
        guard case .undecided(let token) = finding else { return finding }
        let keys = try Directory.keys(in: transaction)
        let byID = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let uptime = environment.uptime()
        state.withLock { state in
            if state.keys != byID { state.verified = [:] }
            state.keys = byID
            state.loaded = uptime
        }
        let now = environment.now()
        if let verified = state.withLock({ $0.verified[token] }), now <= verified.until {
            return still(verified, now: now)
        }
        do throws(Token.Failure) {
            return .claims(try verify(token, keys: byID, now: now))
        } catch {
            return .refused
        }
    }

    private func still(_ verified: Verified, now: Instant) -> Finding {
        guard (try? Token.check(verified.claims, now: now)) != nil else { return .refused }
        return .claims(verified.claims)
    }

    private func verify(
        _ token: String, keys: [String: Directory.Key], now: Instant
    ) throws(Token.Failure) -> Token.Claims {
        let valid = keys.filter { now <= $0.value.until }
        let claims = try Token.verify(token, keys: valid.mapValues(\.publicKey), now: now)
        // A signature is valid until its key ends. It is not recorded which key it was: when any key ends, the
        // signature is verified again with the remaining ones.
        let until = valid.values.map(\.until).min() ?? now
        state.withLock { state in
            if state.verified.count >= Authenticator.mostVerified { state.verified = [:] }
            state.verified[token] = Verified(claims: claims, until: until)
        }
        return claims
    }
}
