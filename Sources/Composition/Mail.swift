import CurlDriver
import Foundation
import Mailer
import Values
import Web

/// The Mailer's way out by SMTP.
package struct SMTPTransport: MailTransport {
    let client: SMTPClient

    package init(client: SMTPClient) {
        self.client = client
    }

    package var address: String {
        let scheme = client.options.security == .implicit ? "smtps" : "smtp"
        return "\(scheme)://\(client.options.host):\(client.options.port)"
    }

    package func send(from: String, to recipient: String, message: [UInt8]) throws -> Delivery {
        let reply = try client.send(from: from, to: recipient, message: message)
        let outcome: Delivery.Outcome =
            switch reply.kind {
            case .accepted: .accepted
            case .refused: .refused
            case .later: .later
            case .away: .away
            }
        return Delivery(outcome, code: reply.code, words: reply.words)
    }
}

extension Settings {
    /// How letters are sent.
    /// - Parameter halt: ends what is under way early.
    /// - Throws: ``Failure`` that names the setting that is wrong.
    package func mail(halt: Halt = Halt()) throws -> MailSettings {
        guard let language = Language(rawValue: try required("mail-language")) else {
            throw Failure(.configuration, "mail-language must be en or ru")
        }
        guard let days = SettingRules.whole(try required("mail-keep-days"), 1...36_500) else {
            throw Failure(.configuration, "mail-keep-days must be a number of days, at least 1")
        }
        var mail = MailSettings(language: language, keepDays: days)
        if let text = text("mail-from") {
            mail.from = try sender(text)
        }
        guard let server = text("mail-server") else { return mail }
        guard mail.from != nil else {
            throw Failure(.configuration, "mail-from is not set: mail-server is, and letters need a sender")
        }
        mail.transport = SMTPTransport(client: SMTPClient(try smtp(server), halt: halt))
        return mail
    }

    private func sender(_ text: String) throws -> Mailbox {
        do {
            return try Mailbox(text)
        } catch {
            throw switch error {
            case .malformed:
                Failure(.configuration, "mail-from must be like popug@example.com or Popug <popug@example.com>")
            case .localBeyondASCII:
                Failure(
                    .configuration,
                    "mail-from has letters before the @ that many mail servers do not take; use Latin letters and digits there"
                )
            }
        }
    }

    private func text(_ name: String) -> String? {
        find(name).map(\.value).flatMap { $0.isEmpty ? nil : $0 }
    }

    private func smtp(_ server: String) throws -> SMTPClient.Options {
        guard let url = URLComponents(string: server), let scheme = url.scheme, ["smtp", "smtps"].contains(scheme),
            let host = url.encodedHost, !host.isEmpty, url.user == nil, ["", "/"].contains(url.path)
        else { throw Failure(.configuration, "mail-server must be like smtp://mail.example.com:587 or smtps://…") }
        let plain: SMTPClient.Options.Security
        switch try required("mail-tls") {
        case "required": plain = .required
        case "offered": plain = .offered
        case "off": plain = .none
        default: throw Failure(.configuration, "mail-tls must be required, offered or off")
        }
        let name = MailAddress.domain(URLComponents(string: try required("public-address"))?.host ?? "") ?? "localhost"
        let isTLS = scheme == "smtps"
        var options = SMTPClient.Options(
            host: host.trimmingCharacters(in: ["[", "]"]), port: url.port ?? (isTLS ? 465 : 587),
            security: isTLS ? .implicit : plain, name: name)
        options.user = text("mail-user")
        options.password = try mailPassword()
        options.certificates = text("mail-certificates")
        guard (options.user == nil) == (options.password == nil) else {
            throw Failure(.configuration, "mail-user and mail-password belong together: set both or neither")
        }
        if let certificates = options.certificates {
            _ = try TextFile.bytes(certificates, .configuration, whose: "mail-certificates")
        }
        let isLocal = NetworkAddress.isHere(options.host)
        if options.password != nil, !isTLS, plain != .required, !isLocal {
            throw Failure(
                .configuration, "mail-tls must be required: otherwise mail-password might travel in the clear")
        }
        return options
    }

    private func mailPassword() throws -> String? {
        if let password = text("mail-password") { return password }
        guard let path = text("mail-password-file") else { return nil }
        return try TextFile.read(path, .configuration, whose: "mail-password-file").trimmingCharacters(in: .newlines)
    }
}
