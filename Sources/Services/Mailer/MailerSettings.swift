import Foundation
import ServiceKit
import Values
import Web

/// The settings for sending letters, and for their language.
enum MailerSettings {
    static let all: [any SettingDeclaration] = [
        server, from, user, password, tls, certificates, language, keepDays,
    ]

    static let server = Setting.optional(
        "mail-server", "Where letters are handed over: smtp://host:587 or smtps://host:465; empty keeps them here"
    ) { text in
        guard let url = URLComponents(string: text), let scheme = url.scheme, ["smtp", "smtps"].contains(scheme),
            let host = url.encodedHost, !host.isEmpty, url.user == nil, ["", "/"].contains(url.path)
        else { throw SettingError("mail-server must be like smtp://mail.example.com:587 or smtps://…") }
        return Address(isTLS: scheme == "smtps", host: host.trimmingCharacters(in: ["[", "]"]), port: url.port)
    }

    static let from = Setting.optional(
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

    static let user = Setting.text("mail-user", "The mail server's user name; empty signs in nowhere")
    static let password = SecretSetting("mail-password", "The mail server's password", keepsSpaces: true) { text, _ in
        text
    }

    static let tls = Setting(
        "mail-tls", standard: "required", "For smtp://: required, offered (STARTTLS if the server has it) or off",
        mustBe: "required, offered or off"
    ) { text -> MailHost.Security? in
        ["required": .required, "offered": .offered, "off": MailHost.Security.none][text]
    }

    static let certificates = Setting.text(
        "mail-certificates",
        "A file of certificates (PEM) to trust instead of the system's, for a server with one of its own")
    static let language = Setting(
        "mail-language", standard: "en", "The language of letters: en or ru", mustBe: "en or ru"
    ) { Language(rawValue: $0) }
    static let keepDays = Setting.whole(
        "mail-keep-days", standard: 90, 1...36_500,
        "After how many days what a letter said is dropped; that there was one is kept",
        mustBe: "a number of days, at least 1")

    struct Address: Sendable {
        let isTLS: Bool
        let host: String
        let port: Int?
    }

    static func server(_ address: Address, _ parts: ServiceParts) throws -> MailHost {
        let plain = try parts.setting(tls)
        let host = URLComponents(string: parts.company.publicAddress)?.host ?? ""
        var server = MailHost(
            host: address.host, port: address.port ?? (address.isTLS ? 465 : 587),
            security: address.isTLS ? .implicit : plain, name: MailAddress.domain(host) ?? "localhost")
        server.user = try parts.setting(user)
        server.password = try parts.setting(password)
        server.certificates = try parts.setting(certificates)
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
    /// Reads the settings.
    /// - Throws: ``SettingError``.
    package init(_ parts: ServiceParts) throws {
        self.init(
            from: try parts.setting(MailerSettings.from), language: try parts.setting(MailerSettings.language),
            keepDays: try parts.setting(MailerSettings.keepDays))
        guard let address = try parts.setting(MailerSettings.server) else { return }
        guard from != nil else {
            throw SettingError("mail-from is not set: mail-server is, and letters need a sender")
        }
        transport = try parts.outside.mail(try MailerSettings.server(address, parts))
    }
}
