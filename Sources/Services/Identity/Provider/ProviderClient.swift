import OpenIDConnect
import ServiceKit
import Synchronization
import Values
import Web

/// Talks to the company's identity provider. What the provider tells of itself is kept for an hour, and for a day if it
/// can't be asked meanwhile. All of it blocks, so it is called on threads that may wait (``Endpoint/waitsOutside``).
final class ProviderClient: Sendable {
    typealias Send = @Sendable (_ request: Outbound.Request) throws -> Outbound.Response

    private let provider: Provider
    private let send: Send
    private let metadata = Mutex(Kept<ProviderMetadata>())
    private let keys = Mutex(Kept<SigningKeys>())
    private let visits = Mutex<NetworkBuckets?>(nil)

    /// How long to wait for an answer.
    static let seconds = 10

    init(_ provider: Provider, send: @escaping Send) {
        (self.provider, self.send) = (provider, send)
    }

    /// How often browsers of one network may have a code exchanged: enough for a company in the morning. Anybody can have
    /// codes of their own making exchanged, and the provider must not take us for an attacker.
    private static let exchanges = Rate(perSecond: 5, burst: 200)

    /// Called before the first request.
    func open(_ environment: Environment) {
        visits.withLock { $0 = NetworkBuckets(ProviderClient.exchanges, uptime: environment.uptime) }
    }

    /// - Throws: a 429 problem if browsers of this network have come too often.
    func admit(from address: String) throws {
        let wait = visits.withLock { $0?.take(NetworkAddress(address)) }
        if let wait { throw PasswordWork.wait(wait) }
    }

    /// - Throws: a 503 problem if the provider can't be asked, or tells what can't be used.
    func metadata(now: Instant) throws -> ProviderMetadata {
        try current(metadata, now: now) {
            try ProviderMetadata(get(Discovery.address(of: provider.issuer)), of: provider)
        }
    }

    /// Exchanges a code for an ID token, and verifies that.
    /// - Parameter provenSince: since when the person must have proved to the provider who they are.
    /// - Throws: a 401 problem, the same for everything that can be wrong; a 503 problem if the provider is away.
    func token(
        for code: String, redirect: String, secrets: SignInSecrets, provenSince: Instant?, now: Instant
    ) throws -> IDToken {
        let metadata = try metadata(now: now)
        let request = TokenRequest(code: code, to: metadata, of: provider, redirect: redirect, secrets: secrets)
        var headers = [(name: "Content-Type", value: TokenRequest.contentType), ("Accept", TokenRequest.accepted)]
        if let authorization = request.authorization { headers.append(("Authorization", authorization)) }
        let answer = try asked(
            Outbound.Request(
                method: "POST", url: request.address, headers: headers, body: request.body,
                seconds: ProviderClient.seconds))
        guard answer.status < 500 else {
            throw ProviderClient.away("the provider's token endpoint answered \(answer.status)")
        }
        let token = try ProviderClient.proof { () throws(OpenIDConnectError) in
            try TokenResponse(answer.body).idToken
        }
        func verified(_ keys: SigningKeys) throws(OpenIDConnectError) -> IDToken {
            try IDToken.verified(
                token, with: keys, of: provider, secrets: secrets, provenSince: provenSince, now: now)
        }
        let known = try signingKeys(of: metadata, now: now)
        do throws(OpenIDConnectError) {
            return try verified(known)
        } catch {
            guard error == .unknownKey else { throw ProviderClient.refused(error) }
        }
        // The provider may have exchanged its keys. Once more for this token, and not again.
        keys.withLock { $0.expire() }
        let fresh = try signingKeys(of: metadata, now: now)
        return try ProviderClient.proof { () throws(OpenIDConnectError) in try verified(fresh) }
    }

    /// Asks for what can be asked without a person: how many keys there are.
    func look(now: Instant) throws -> Int {
        try signingKeys(of: metadata(now: now), now: now).all.count
    }

    private func signingKeys(of metadata: ProviderMetadata, now: Instant) throws -> SigningKeys {
        try current(keys, now: now) { try SigningKeys(get(metadata.keysAddress.text)) }
    }

    // MARK: Asking

    /// Something that the provider told.
    private struct Kept<Value: Sendable>: Sendable {
        var value: Value?
        /// Until when it is not asked for again.
        var freshUntil = Instant(milliseconds: 0)
        /// Until when it is used if it can't be asked for.
        var until = Instant(milliseconds: 0)
        /// Why it could not be asked for the last time.
        var trouble: Problem?

        mutating func expire() { freshUntil = Instant(milliseconds: 0) }
    }

    private static let keptSeconds: Int64 = 3600
    private static let longestSeconds: Int64 = 86_400
    /// After a failure, how long nobody waits for the provider again.
    private static let restSeconds: Int64 = 5

    private func current<Value>(
        _ place: borrowing Mutex<Kept<Value>>, now: Instant, _ fetch: () throws -> Value
    ) throws -> Value {
        let kept = place.withLock { $0 }
        // A time too far ahead was noted before the clock was put back.
        let isFresh = now < kept.freshUntil && kept.freshUntil <= now.adding(seconds: ProviderClient.keptSeconds)
        if isFresh {
            if let value = kept.value, now < kept.until { return value }
            if let trouble = kept.trouble { throw trouble }
        }
        do {
            let value = try fetch()
            place.withLock {
                $0 = Kept(
                    value: value, freshUntil: now.adding(seconds: ProviderClient.keptSeconds),
                    until: now.adding(seconds: ProviderClient.longestSeconds))
            }
            return value
        } catch {
            let trouble = error as? Problem ?? ProviderClient.away("the provider at \(provider.issuer.text): \(error)")
            return try place.withLock {
                $0.trouble = trouble
                $0.freshUntil = now.adding(seconds: ProviderClient.restSeconds)
                guard let value = $0.value, now < $0.until else { throw trouble }
                return value
            }
        }
    }

    private func get(_ address: String) throws -> [UInt8] {
        let answer = try asked(
            Outbound.Request(
                method: "GET", url: address, headers: [("Accept", TokenRequest.accepted)], body: [],
                seconds: ProviderClient.seconds))
        guard answer.status == 200 else {
            throw ProviderClient.away("\(address) answered \(answer.status)")
        }
        return answer.body
    }

    private func asked(_ request: Outbound.Request) throws -> Outbound.Response {
        do {
            return try send(request)
        } catch {
            throw ProviderClient.away("\(request.url): \(error)")
        }
    }

    // MARK: Problems

    /// The same for everything that can be wrong with a proof.
    static func refused(_ error: OpenIDConnectError) -> Problem {
        Problem(401, "identity.company-refused", cause: "the company's account was not accepted: \(error)")
    }

    static func proof<Value>(_ body: () throws(OpenIDConnectError) -> Value) throws -> Value {
        do throws(OpenIDConnectError) {
            return try body()
        } catch {
            throw refused(error)
        }
    }

    private static func away(_ cause: String) -> Problem {
        Problem(503, "identity.company-away", retryAfter: Int(restSeconds), cause: cause)
    }
}
