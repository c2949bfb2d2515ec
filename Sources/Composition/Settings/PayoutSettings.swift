import CurlDriver
import Foundation
import Payouts
import Values

extension Settings {
    /// The key that destinations are encrypted under: its own where one is given, or else the installation's secret.
    package func destinationKey() throws -> [UInt8] {
        try ownDestinationKey() ?? secret()
    }

    func ownDestinationKey() throws -> [UInt8]? {
        if let found = find("destination-key") { return try Settings.secretBytes(found.value, from: found.source) }
        guard let path = find("destination-key-file")?.value else { return nil }
        return try Settings.secretBytes(try TextFile.line(path, whose: "destination-key-file"), from: path)
    }

    /// What a payout may be without being released by a person; `nil` where there is no limit.
    func payoutLimit() throws -> Cents? {
        guard let limit = Cents(plain: try required("payout-limit")), limit >= .zero else {
            throw Failure(.configuration, "payout-limit must be a sum such as 1000.00, or 0 for no limit")
        }
        return limit == .zero ? nil : limit
    }

    /// The payment provider that is set; `nil` for the built-in one.
    /// - Parameter halt: ends what is under way early.
    func provider(
        _ company: Company, now: @escaping @Sendable () -> Instant, halt: Halt = Halt()
    ) throws -> (any PaymentProvider)? {
        switch try required("provider") {
        case BuiltInProvider.name: return nil
        case "http": break
        default: throw Failure(.configuration, "provider must be built-in or http")
        }
        let secret: [UInt8]
        if let found = find("provider-secret") {
            secret = Array(found.value.utf8)
        } else if let path = find("provider-secret-file")?.value {
            secret = Array(try TextFile.line(path, whose: "provider-secret-file").utf8)
        } else {
            throw Failure(.configuration, "provider is http: set provider-secret-file (or provider-secret) too")
        }
        guard secret.count >= 16 else {
            throw Failure(.configuration, "the provider's secret must have at least 16 characters")
        }
        let provider = HTTPProvider(
            address: try required("provider-address"), secret: secret, publicAddress: company.publicAddress, now: now
        ) { request in
            let answer = try HTTPExchange.send(
                request.method, request.url, headers: request.headers, body: request.body, halt: halt)
            return HTTPProvider.Response(status: answer.status, body: answer.body)
        }
        guard let provider else {
            throw Failure(
                .configuration, "provider-address must be like https://pay.example.com/v1 (http only on this machine)")
        }
        return provider
    }
}
