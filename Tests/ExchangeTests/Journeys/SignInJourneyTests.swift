import Composition
import Foundation
import Mailer
import ServiceKit
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Keeps the letters that were sent.
private final class Mailbox: MailTransport {
    private let kept = Mutex<[String]>([])
    let address = "smtp://mail.test:587"
    var letters: [String] { kept.withLock { $0 } }

    func send(from: String, to recipient: String, message: [UInt8]) -> Delivery {
        kept.withLock { $0.append(String(decoding: message, as: UTF8.self)) }
        return Delivery(.accepted, code: 250, words: "250 Taken")
    }
}

@Suite("A person signs in with a letter")
struct SignInJourneyTests {
    private let mailbox = Mailbox()

    private func exchange() throws -> TestExchange {
        let mailbox = mailbox
        return try TestExchange(adjust: { parts, _ in
            parts.settings = SettingValues(["sign-in-links": "on"])
            parts.make(MailerService.self) { try MailerService($0, settings: MailSettings(transport: mailbox)) }
        })
    }

    private func post(_ exchange: TestExchange, _ path: String, _ fields: String) -> WebResponse {
        let forms = FormGuard(secret: TestExchange.secret, publicAddress: "http://localhost:8080")
        return exchange.exchange.respond(
            to: WebRequest(
                "POST", path,
                headers: .init(
                    cookie: "\(FormGuard.cookie)=browser", contentType: "application/x-www-form-urlencoded"),
                body: Array("\(fields)&csrf=\(forms.token(anonymous: "browser"))".utf8)))
    }

    @Test("S8: asks on the sign-in page, opens the letter's link, and is in, in every service")
    func journey() throws {
        let exchange = try exchange()
        let emma = try exchange.person("Emma", "employee")
        #expect(post(exchange, "/sign-in/link", "email=emma%40example.com&next=%2Faccount").status == 303)
        try exchange.exchange.settle()
        let letter = try #require(mailbox.letters.last { $0.contains("/sign-in/link/") })
        let text = letter.replacing("=\r\n", with: "").replacing("=3D", with: "=")
        let link = try #require(
            text.firstMatch(of: /http:\/\/localhost:8080(\/sign-in\/link\/[A-Za-z0-9_\-]+)\?next=%2Faccount/))
        let path = String(link.output.1)
        #expect(exchange.exchange.respond(to: WebRequest("GET", path)).text.contains("Emma"))
        let done = post(exchange, path, "next=%2Faccount")
        #expect(done.status == 303 && done.header("location") == "/account")
        let cookie = try #require(
            done.headers.first { $0.name == "set-cookie" && $0.value.hasPrefix(EndpointRunner.sessionCookie) }?.value
                .components(separatedBy: ";").first)
        for page in ["/", "/account", "/me"] {
            #expect(
                exchange.exchange.respond(to: WebRequest("GET", page, headers: .init(cookie: cookie))).status == 200)
        }
        // No service, and no letter that is kept, has the link.
        let secret = String(path.dropFirst("/sign-in/link/".count).suffix(40))
        for (name, database) in exchange.exchange.databases where name == "mailer" || name == "identity" {
            let kept = try database.read { transaction in
                try transaction.fetch("SELECT data FROM journal").map { try $0(0, as: [UInt8].self) }
            }
            #expect(!kept.contains { String(decoding: $0, as: UTF8.self).contains(secret) }, "\(name)")
        }
        let letters = exchange.send("GET", "/api/letters", as: exchange.admin)
        #expect(letters.status == 200 && !letters.text.contains(secret))
        #expect(try exchange.findings().isEmpty)
        _ = emma
    }
}
