import Foundation
import ServiceKit
import Values
import Web

/// How letters leave the house, and in which language.
package struct MailerSettings: SettingGroup {
    let server = Setting.optional(
        "mail-server", "Where letters are handed over: smtp://host:587 or smtps://host:465; empty keeps them here"
    ) { text in
        guard let url = URLComponents(string: text), let scheme = url.scheme, ["smtp", "smtps"].contains(scheme),
            let host = url.encodedHost, !host.isEmpty, url.user == nil, ["", "/"].contains(url.path)
        else { throw SettingError("mail-server must be like smtp://mail.example.com:587 or smtps://…") }
        return Address(isTLS: scheme == "smtps", host: host.trimmingCharacters(in: ["[", "]"]), port: url.port)
    }

    let from = Setting.optional(
        "mail-from", "Whom letters come from, such as Popug <popug@example.com>", mailbox)

    private static func mailbox(_ text: String) throws -> Mailbox {
        do {
            return try Mailbox(text)
        } catch {
            throw switch error {
            case .malformed:
                SettingError("mail-from must be like popug@example.com or Popug <popug@example.com>")
            case .localBeyondASCII:
                SettingError(
                    "mail-from has letters before the @ that many mail servers do not take; use Latin letters and "
                        + "digits there")
            }
        }
    }

    let user = Setting.text("mail-user", "The mail server's user name; empty signs in nowhere")
    let password = SecretSetting("mail-password", "The mail server's password", keepsSpaces: true) { text, _ in
        text
    }

    let tls = Setting(
        "mail-tls", standard: "required", "For smtp://: required, offered (STARTTLS if the server has it) or off",
        mustBe: "required, offered or off"
    ) { text -> MailHost.Security? in
        ["required": .required, "offered": .offered, "off": MailHost.Security.none][text]
    }

    let certificates = Setting.text(
        "mail-certificates",
        "A file of certificates (PEM) to trust instead of the system's, for a server with one of its own")
    let language = Setting(
        "mail-language", standard: "en", "The language of letters: en or ru", mustBe: "en or ru"
    ) { Language(rawValue: $0) }
    let keepDays = Setting.whole(
        "mail-keep-days", standard: 90, 1...36_500,
        "After how many days what a letter said is dropped; that there was one is kept",
        mustBe: "a number of days, at least 1")

    struct Address: Sendable {
        let isTLS: Bool
        let host: String
        let port: Int?
    }

    static func server(_ address: Address, _ parts: ServiceParts) throws -> MailHost {
        let plain = try parts.setting(MailerService.settings.tls)
        let host = URLComponents(string: parts.company.publicAddress)?.host ?? ""
        var server = MailHost(
            host: address.host, port: address.port ?? (address.isTLS ? 465 : 587),
            security: address.isTLS ? .implicit : plain, name: MailAddress.domain(host) ?? "localhost")
        server.user = try parts.setting(MailerService.settings.user)
        server.password = try parts.setting(MailerService.settings.password)
        server.certificates = try parts.setting(MailerService.settings.certificates)
        guard (server.user == nil) == (server.password == nil) else {
            throw SettingError("mail-user and mail-password belong together: set both or neither")
        }
        if server.password != nil, !address.isTLS, plain != .required, !NetworkAddress.isHere(server.host) {
            throw SettingError("mail-tls must be required: otherwise mail-password might travel in the clear")
        }
        return server
    }
}

extension MailSettings {
    /// As the settings say.
    /// - Throws: ``SettingError``.
    package init(_ parts: ServiceParts) throws {
        let settings = MailerService.settings
        self.init(
            from: try parts.setting(settings.from), language: try parts.setting(settings.language),
            keepDays: try parts.setting(settings.keepDays))
        guard let address = try parts.setting(settings.server) else { return }
        guard from != nil else {
            throw SettingError("mail-from is not set: mail-server is, and letters need a sender")
        }
        transport = try parts.outbound.mail(try MailerSettings.server(address, parts))
    }
}
