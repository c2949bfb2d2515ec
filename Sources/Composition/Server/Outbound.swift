import CrackDriver
import CurlDriver
import ServiceKit

/// Sends mail by SMTP.
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

extension SMTPClient.Options {
    init(_ server: MailHost) {
        self.init(host: server.host, port: server.port, security: server.security, name: server.name)
        user = server.user
        password = server.password
        certificates = server.certificates
    }
}

extension Outbound {
    /// The real connections to the outside.
    /// - Parameter halt: ends early what is under way.
    static func real(cancellation: Cancellation = Cancellation()) -> Outbound {
        var outbound = Outbound()
        outbound.http = { request in
            let answer = try HTTPExchange.send(
                request.method, request.url, headers: request.headers, body: request.body, seconds: request.seconds,
                cancellation: cancellation)
            return Response(status: answer.status, body: answer.body)
        }
        outbound.mail = { server in
            if let certificates = server.certificates {
                _ = try TextFile.bytes(certificates, .configuration, whose: "mail-certificates")
            }
            return SMTPTransport(client: SMTPClient(SMTPClient.Options(server), cancellation: cancellation))
        }
        outbound.isGuessed = GuessedPasswords.contains
        return outbound
    }
}
