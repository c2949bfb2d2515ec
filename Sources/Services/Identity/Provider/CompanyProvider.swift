import OpenIDConnect
import ServiceKit
import Values
import Web

/// The company's identity provider, as it is configured (OpenID Connect).
package struct CompanyProvider: Sendable, Hashable {
    package let provider: Provider
    /// What the sign-in page calls the account there; empty for "the company's account".
    package let name: String
    /// The mail domains whose people get an account here when they first sign in, in lower case.
    package let newcomers: Set<String>
    package let mapping: RoleMapping
    /// Whether every address is believed, and not only one that the provider says it has verified.
    package let believesAddresses: Bool
    /// Where the provider sends the browser back to.
    package let redirect: String

    package static let path = "/sign-in/company"
    package static let backPath = "/sign-in/company/back"

    /// - Parameter publicAddress: the installation's own.
    package init(
        _ provider: Provider, name: String = "", newcomers: Set<String> = [], mapping: RoleMapping = RoleMapping(),
        believesAddresses: Bool = false, publicAddress: String
    ) {
        (self.provider, self.name, self.newcomers) = (provider, name, newcomers)
        (self.mapping, self.believesAddresses) = (mapping, believesAddresses)
        redirect = publicAddress + CompanyProvider.backPath
    }

    /// What `popug doctor` says of it: the issuer, and why it can't be used, if so. `nil` if there is none.
    /// - Throws: ``SettingError``.
    package static func finding(_ parts: ServiceParts) throws -> (issuer: String, trouble: String?)? {
        guard let company = try CompanyProvider(parts) else { return nil }
        let issuer = company.provider.issuer.text
        do {
            _ = try ProviderClient(company.provider, send: parts.outbound.http).look(now: parts.environment.now())
            return (issuer, nil)
        } catch {
            return (issuer, (error as? Problem)?.cause ?? "\(error)")
        }
    }

    /// As the settings say; `nil` if there is none.
    /// - Throws: ``SettingError``.
    init?(_ parts: ServiceParts) throws {
        let settings = IdentityService.settings
        guard let issuer = try parts.setting(settings.issuer) else { return nil }
        guard let client = try parts.setting(settings.client) else {
            throw SettingError("openid-client is not set: the id that the provider at \(issuer.text) knows Popug by")
        }
        guard WebAddress(parts.company.publicAddress) != nil else {
            throw SettingError(
                "openid-issuer: a provider sends browsers back only to https, or to this machine, and public-address is "
                    + parts.company.publicAddress)
        }
        let mapping = try parts.setting(settings.companyRoles)
        let claim = try parts.setting(settings.rolesClaim)
        guard (claim == nil) == mapping.roles.isEmpty else {
            throw SettingError("openid-roles and openid-roles-claim need each other: set both, or neither")
        }
        let (secret, scopes) = (try parts.setting(settings.clientSecret), try parts.setting(settings.scopes))
        let provider: Provider
        do throws(OpenIDConnectError) {
            provider = try Provider(
                issuer: issuer, clientID: client, clientSecret: secret, scopes: scopes, rolesClaim: claim)
        } catch {
            throw SettingError("openid: \(error)")
        }
        self.init(
            provider, name: try parts.setting(settings.companyName), newcomers: try parts.setting(settings.newcomers),
            mapping: mapping, believesAddresses: try parts.setting(settings.email),
            publicAddress: parts.company.publicAddress)
    }
}
