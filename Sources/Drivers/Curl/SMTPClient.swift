import CCurl
import ServiceKit
import Synchronization

/// Hands messages to one mail server by SMTP (RFC 5321), over one connection that is kept as long as the server keeps
/// it. Blocks; calls from several threads wait for each other.
package final class SMTPClient: Sendable {
    package struct Options: Sendable {
        package typealias Security = MailHost.Security

        package var host: String
        package var port: Int
        package var security: Security
        package var user: String?
        package var password: String?
        /// A file of certificates (PEM) that are trusted instead of the system's.
        package var certificates: String?
        /// The name that we give ourselves (EHLO).
        package var name: String
        package var connectSeconds = 10
        /// For one message in all, including the connection.
        package var seconds = 60

        package init(host: String, port: Int, security: Security, name: String) {
            self.host = host
            self.port = port
            self.security = security
            self.name = name
        }
    }

    /// What the server said to a message.
    package struct Reply: Sendable, Hashable {
        package enum Kind: Sendable {
            case accepted
            /// The server will never take this message.
            case refused
            /// The server does not take this message now.
            case later
            /// The server takes no message: it cannot be reached, or does not let us sign in.
            case away
        }

        package let kind: Kind
        /// The reply code; 0 if there was none.
        package let code: Int
        package let words: String
    }

    package let options: Options
    private let handle = Mutex<EasyHandle?>(nil)
    private let cancellation: Cancellation

    /// - Parameter halt: ends early what is under way.
    package init(_ options: Options, cancellation: Cancellation = Cancellation()) {
        self.options = options
        self.cancellation = cancellation
    }

    /// - Parameter message: in the format of RFC 5322, lines ended by CR and LF.
    /// - Throws: ``CurlError`` if it was halted; then it is unknown whether the server has taken the message.
    package func send(from: String, to recipient: String, message: [UInt8]) throws -> Reply {
        try handle.withLock { handle in
            do {
                let easy = try handle ?? connected()
                handle = easy
                try easy.set(CURLOPT_MAIL_FROM, "<\(from)>")
                try easy.set(CURLOPT_MAIL_RCPT, ["<\(recipient)>"])
                try easy.send(message)
                _ = try easy.perform(limit: 1 << 16)
                return Reply(kind: .accepted, code: easy.status, words: SMTPClient.last(of: easy.headerText))
            } catch {
                // A connection on which something went wrong is not used again.
                handle = nil
                guard let error = error as? CurlError else { return Reply(kind: .away, code: 0, words: "\(error)") }
                if error.isHalted { throw error }
                return SMTPClient.reply(to: error)
            }
        }
    }

    /// Checks whether the server can be reached, with TLS and sign-in as the options say. It uses a connection of its
    /// own and sends no message. Returns ``Reply/Kind/accepted``, or ``Reply/Kind/away`` with the server's words.
    package func look(seconds: Int) -> Reply {
        do {
            let easy = try connected()
            try easy.set(CURLOPT_CONNECTTIMEOUT, seconds)
            try easy.set(CURLOPT_TIMEOUT, seconds)
            try easy.set(CURLOPT_CUSTOMREQUEST, "NOOP")
            try easy.set(CURLOPT_NOBODY, 1)
            _ = try easy.perform(limit: 1 << 16)
            return Reply(kind: .accepted, code: easy.status, words: SMTPClient.last(of: easy.headerText))
        } catch {
            guard let error = error as? CurlError else { return Reply(kind: .away, code: 0, words: "\(error)") }
            return Reply(kind: .away, code: error.response, words: SMTPClient.words(of: error))
        }
    }

    /// A handle that knows the server but has not connected to it yet.
    private func connected() throws -> EasyHandle {
        let easy = try EasyHandle()
        try easy.heed(cancellation)
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        let scheme = options.security == .implicit ? "smtps" : "smtp"
        try easy.set(CURLOPT_URL, "\(scheme)://\(host):\(options.port)/\(options.name)")
        try easy.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // Do not use a proxy from the environment for the mail server.
        try easy.set(CURLOPT_PROXY, "")
        try easy.set(CURLOPT_CONNECTTIMEOUT, options.connectSeconds)
        try easy.set(CURLOPT_TIMEOUT, options.seconds)
        try easy.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, options.seconds)
        switch options.security {
        case .implicit, .required: try easy.set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
        case .offered: try easy.set(CURLOPT_USE_SSL, Int(CURLUSESSL_TRY.rawValue))
        case .none: try easy.set(CURLOPT_USE_SSL, Int(CURLUSESSL_NONE.rawValue))
        }
        if let certificates = options.certificates { try easy.set(CURLOPT_CAINFO, certificates) }
        if let user = options.user, let password = options.password {
            try easy.set(CURLOPT_USERNAME, user)
            try easy.set(CURLOPT_PASSWORD, password)
            // Not NTLM or the like, which an unknown server might ask for.
            try easy.set(CURLOPT_LOGIN_OPTIONS, "AUTH=*")
        }
        return easy
    }

    // MARK: What it means

    /// Decides what a failure is about. Only an answer to the sender, the recipient or the text is about the message;
    /// any earlier failure is about the server, or us.
    static func reply(to error: CurlError) -> Reply {
        let code = error.response
        let words = SMTPClient.words(of: error)
        let isTimeout = error.code == Int(CURLE_OPERATION_TIMEDOUT.rawValue)
        guard (400...599).contains(code), !isTimeout, isAboutMessage(error), code != 421, code != 530 else {
            return Reply(kind: .away, code: (400...599).contains(code) ? code : 0, words: words)
        }
        return Reply(kind: code >= 500 ? .refused : .later, code: code, words: words)
    }

    private static func isAboutMessage(_ error: CurlError) -> Bool {
        let stages = ["MAIL failed", "RCPT failed", "DATA failed"]
        if stages.contains(where: { error.message.contains($0) }) { return true }
        // The server asked for the text (354), so its last reply was about the text.
        return error.lines.split(separator: "\r\n").contains { $0.hasPrefix("354") }
    }

    private static func words(of error: CurlError) -> String {
        guard (400...599).contains(error.response) else { return error.message }
        // After the refusal, libcurl may have said goodbye and received an answer to that.
        let said = last(of: error.lines, code: String(error.response))
        return said.isEmpty ? error.message : said
    }

    /// The last reply, or the last one with this code, with its lines joined.
    static func last(of lines: String, code: String = "") -> String {
        var lines = lines.split(whereSeparator: \.isNewline)
        while let line = lines.last, !line.hasPrefix(code) { lines.removeLast() }
        guard let end = lines.last else { return "" }
        let found = end.prefix(3)
        var reply = [end]
        // All lines of a reply but the last have a hyphen after the code.
        for line in lines.dropLast().reversed() {
            guard line.hasPrefix(found + "-") else { break }
            reply.insert(line, at: 0)
        }
        return reply.joined(separator: " ")
    }
}
