import ServiceKit
import Values

/// Who pays, under which key destinations are kept, and what a person releases (X28).
package struct PayoutsSettings: SettingGroup {
    let provider = Setting(
        "provider", standard: BuiltInProvider.name,
        "Who pays people: built-in (records what it would pay) or http (docs/payouts.md)",
        mustBe: "built-in or http"
    ) { [BuiltInProvider.name, "http"].contains($0) ? $0 : nil }

    let address = Setting.text(
        "provider-address", standard: nil, "Where the http provider is, https://pay.example.com/v1")

    let secret = SecretSetting(
        "provider-secret", "What requests to and from the http provider are signed with"
    ) { text, _ in
        guard text.utf8.count >= 16 else {
            throw SettingError("the provider's secret must have at least 16 characters")
        }
        return Array(text.utf8)
    }

    let destinationKey = SecretSetting(
        "destination-key",
        "What cards and accounts are encrypted under, 64 hexadecimal digits; the secret if it is not set"
    ) { text, source in
        guard let bytes = Hexadecimal.bytes(text), bytes.count == 32 else {
            throw SettingError("the destination key from \(source) must be 64 hexadecimal digits")
        }
        return bytes
    }

    let limit = Setting<Cents?>(
        "payout-limit", standard: "1000.00",
        "A payout above it waits until an accountant or admin releases it; 0 is no limit",
        mustBe: "a sum such as 1000.00, or 0 for no limit"
    ) { text in
        guard let limit = Cents(plain: text), limit >= .zero else { return nil }
        return .some(limit == .zero ? nil : limit)
    }
}

extension PayoutsService {
    /// The payment provider that is set; `nil` for the built-in one.
    package static func provider(_ parts: ServiceParts) throws -> (any PaymentProvider)? {
        guard try parts.setting(PayoutsService.settings.provider) == "http" else { return nil }
        guard let secret = try parts.setting(PayoutsService.settings.secret) else {
            throw SettingError("provider is http: set provider-secret-file (or provider-secret) too")
        }
        guard let address = try parts.setting(PayoutsService.settings.address) else {
            throw SettingError("provider-address is not set")
        }
        let provider = HTTPProvider(
            address: address, secret: secret, publicAddress: parts.company.publicAddress, now: parts.environment.now,
            send: parts.outbound.http)
        guard let provider else {
            throw SettingError("provider-address must be like https://pay.example.com/v1 (http only on this machine)")
        }
        return provider
    }
}
