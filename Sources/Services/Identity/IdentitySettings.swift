import ServiceKit
import WebAuthn

/// What can be configured of signing in.
package struct SignInSettings: SettingGroup {
    let links = Setting(
        "sign-in-links", standard: "off",
        "on: people can ask for a letter with a link that signs them in; wants mail-server", mustBe: "on or off"
    ) { ["on": true, "off": false][$0] }

    let passkeyRoles = Setting(
        "passkey-roles", standard: "",
        "Roles that need a passkey beside a password or a link, such as admin,accountant; empty for none"
    ) { Set(SettingText.list($0)) }

    let passkeyVerification = Setting(
        "passkey-verification", standard: "required",
        "Whether a passkey asks for a finger, a face or a PIN: required or preferred", mustBe: "required or preferred"
    ) { ["required": UserVerification.required, "preferred": .preferred][$0] }
}

/// The settings of Identity.
package struct IdentitySettings: Sendable {
    /// How hard a new password hash is to compute.
    package var cost: HashCost
    /// How many password hashes are computed at once; each uses as much memory as its cost says.
    package var concurrentHashes: Int
    package var sessionDays: Int64
    /// How long a key signs before the next one takes over.
    package var keyDays: Int64
    /// How long a link for setting a password works.
    package var welcomeDays: Int64

    /// Whether people can ask for a link that signs them in.
    package var links = false
    /// Who needs a passkey beside a password or a link.
    package var passkeyRoles: Set<String> = []
    /// Whether a passkey asks who is there, and not only whether somebody is.
    package var verification = UserVerification.required

    /// Whether a password is on the list of the most common ones; without a dictionary, none is.
    package var isGuessed: @Sendable (_ password: String) -> Bool = { _ in false }

    package init(
        cost: HashCost = .current, concurrentHashes: Int = 2, sessionDays: Int64 = 14, keyDays: Int64 = 30,
        welcomeDays: Int64 = 7
    ) {
        self.cost = cost
        self.concurrentHashes = concurrentHashes
        self.sessionDays = sessionDays
        self.keyDays = keyDays
        self.welcomeDays = welcomeDays
    }

    /// The longest life of a program's token, in days.
    package static let longestTokenDays: Int64 = 366

    /// Settings for tests and demonstrations: hashes that are quick to compute and protect nothing.
    package static let quick = IdentitySettings(cost: .quick)
}
