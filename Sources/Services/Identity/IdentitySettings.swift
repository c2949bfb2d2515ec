import OpenIDConnect
import ServiceKit
import Values
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

    let issuer = Setting.optional(
        "openid-issuer",
        "The company's identity provider (OpenID Connect) as it writes itself, such as https://login.example.com"
    ) { text in
        guard let issuer = Issuer(text) else {
            throw SettingError(
                "openid-issuer must be an address that begins with https:// (or http:// on this machine), without a query"
            )
        }
        return issuer
    }

    let client = Setting.text("openid-client", "The id that the provider knows this installation by")

    let clientSecret = SecretSetting(
        "openid-secret", "The secret that goes with openid-client; none for a public client"
    ) {
        text, _ in text
    }

    let companyName = Setting(
        "openid-name", standard: "", "What the sign-in page calls an account at the provider, such as Acme",
        mustBe: "at most 40 characters"
    ) { text in
        text.isEmpty ? "" : (try? PersonName.checked(text)).flatMap { $0.unicodeScalars.count <= 40 ? $0 : nil }
    }

    let scopes = Setting(
        "openid-scopes", standard: "email profile", "What is asked of the provider, beside openid"
    ) { SettingText.list($0) }

    let email = Setting(
        "openid-email", standard: "verified",
        "Which addresses of the provider are believed: verified, or any, if nobody can set their own there",
        mustBe: "verified or any"
    ) { ["verified": false, "any": true][$0] }

    let newcomers = Setting(
        "openid-newcomers", standard: "",
        "Mail domains, such as popug.example: whoever has an address there gets an account at the first sign-in",
        mustBe: "mail domains, by commas"
    ) { text in
        let domains = SettingText.list(text).map { (try? MailAddress("a@" + $0))?.domain }
        return domains.contains(nil) ? nil : Set(domains.compactMap(\.self))
    }

    let rolesClaim = Setting.text(
        "openid-roles-claim", "The claim of the ID token that holds a person's groups, such as groups")

    let companyRoles = Setting(
        "openid-roles", standard: "",
        "The roles that groups give, such as popug-admins=admin,staff=employee. They are set at every sign-in",
        mustBe: "group=role, by commas"
    ) { RoleMapping($0) }
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

    /// The company's identity provider, if it has one.
    package var company: CompanyProvider?
    /// Asks it.
    package var http: @Sendable (_ request: Outbound.Request) throws -> Outbound.Response = Outbound().http

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
