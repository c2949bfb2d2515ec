import Foundation
import ServiceKit
import Synchronization
import TestKit
import TestTraits
import Testing
import Values

/// The real server beside a real provider on a socket, which misbehaves in every way that its protocol allows, and beside
/// a real mail server.
@Suite(
    "Money and letters that leave the house", .tags(.servers), .ifChosen,
    .enabled(if: PopugProcess.binary != nil, "start it with make test"), .serialized)
struct ProviderTests {
    private static let cards = ["4111 1111 1111 1111", "5555-5555-5555-4444", "DE89 3704 0044 0532 0130 00"]

    /// An installation whose people have earned something on a day that is about to close, and said where it goes.
    private struct Company {
        let installation: TestInstallation
        let port = Loopback.freePort()
        /// Two zones whose days are never the same: in the second one the day of the first is over.
        private static let before = "Etc/GMT+12"
        private static let after = "Pacific/Kiritimati"

        let mail: MailServer?

        init(employees: Int, tasks: Int, mail: MailServer? = nil) async throws {
            self.mail = mail
            installation = try TestInstallation(employees: employees, zone: Company.before)
            let server = try PopugProcess(data: installation.data, environment: Company.environment(mail))
            let byID = try await tokens(server.address)
            for (number, token) in byID.values.sorted().enumerated() {
                let body = "{\"number\":\"\(ProviderTests.cards[number % 3])\"}"
                let client = APIClient(address: server.address, token: token)
                let answer = try await client.send("PUT", "/api/accounts/me/destination", json: body)
                try #require(answer.status == 200, "\(answer.text)")
            }
            let manager = APIClient(address: server.address, token: installation.manager)
            for count in 0..<tasks {
                let task = try await manager.send(
                    "POST", "/api/tasks", json: "{\"title\":\"Task \(count)\"}", key: "task-\(count)"
                ).object
                let token = try #require(byID[task["assignee"] as? String ?? ""])
                let done = try await APIClient(address: server.address, token: token).send(
                    "POST", "/api/tasks/\(task["id"] ?? "")/completion", key: "done-\(count)")
                try #require(done.status == 201, "\(done.text)")
            }
            #expect(server.stop() == 0)
        }

        /// Of people who have just signed in: no program says where money goes.
        private func tokens(_ address: String) async throws -> [String: String] {
            var found: [String: String] = [:]
            let admin = APIClient(address: address, token: installation.admin)
            // Accountants are dealt tasks, too.
            for token in installation.employees + [installation.accountant] {
                let program = APIClient(address: address, token: token)
                let refused = try await program.send(
                    "PUT", "/api/accounts/me/destination", json: "{\"number\":\"\(ProviderTests.cards[0])\"}")
                #expect(refused.status == 403 && refused.text.contains("web.proof"))
                let me = try await program.send("GET", "/api/me").object
                let (id, email) = (try #require(me["id"] as? String), try #require(me["email"] as? String))
                let password = TestInstallation.password
                let set = try await admin.send(
                    "PUT", "/api/people/\(id)/password", json: "{\"password\":\"\(password)\"}")
                try #require(set.status == 204, "\(set.text)")
                let session = try await admin.send(
                    "POST", "/api/sessions", json: "{\"email\":\"\(email)\",\"password\":\"\(password)\"}")
                found[id] = try #require(session.object["token"] as? String)
            }
            return found
        }

        /// On the day after, with the provider, where its callbacks find it.
        func serve(_ provider: SampleProvider) throws -> PopugProcess {
            try PopugProcess(
                data: installation.data, arguments: ["--listen", "127.0.0.1:\(port)"],
                environment: environment(provider))
        }

        func environment(_ provider: SampleProvider) -> [String: String] {
            provider.settings.merging(Company.environment(mail)) { $1 }.merging([
                "POPUG_TIME_ZONE": Company.after, "POPUG_PUBLIC_ADDRESS": "http://127.0.0.1:\(port)",
            ]) { $1 }
        }

        private static func environment(_ mail: MailServer?) -> [String: String] {
            guard let mail else { return [:] }
            return [
                "POPUG_MAIL_SERVER": "smtp://127.0.0.1:\(mail.port)", "POPUG_MAIL_TLS": "off",
                "POPUG_MAIL_FROM": "Popug <popug@popug.test>",
            ]
        }

        /// An admin: the accountant's own token has ended, as their password was set.
        var keeper: APIClient {
            APIClient(address: "http://127.0.0.1:\(port)", token: installation.admin)
        }

        func payouts(_ state: String = "") async throws -> [[String: Any]] {
            let filter = state.isEmpty ? "" : "&state=\(state)"
            let page = try await keeper.send("GET", "/api/payouts?limit=200\(filter)").object
            return page["items"] as? [[String: Any]] ?? []
        }
    }

    @Test(
        "X28, X40: a provider that is slow, fails, is silent, calls twice, late or forged, and kills: everybody is paid once"
    )
    func killed() async throws {
        let mail = MailServer.isThere ? try MailServer() : nil
        let company = try await Company(employees: 14, tasks: 60, mail: mail)
        let provider = try SampleProvider(["--moods", "all", "--late", "3"])
        var generator = SplitMix64(seed: 20_261_121)
        for _ in 0..<12 {
            let server = try company.serve(provider)
            // The moment of the kill is the test's subject, so this wait is its input, not a hope for readiness.
            await pause(milliseconds: 100 + Int(generator.next() % 1500))
            server.kill()
        }
        let server = try company.serve(provider)
        try await settle(company)
        let payouts = try await company.payouts()
        let paid = Dictionary(
            payouts.map { ($0["payout"] as? String ?? "", $0["sum"] as? Int64 ?? 0) }, uniquingKeysWith: +)
        #expect(paid.count > 8)
        // What it has printed of the last one may still be under way to here.
        let deadline = ContinuousClock.now + .seconds(20)
        while provider.moved.count < paid.count, ContinuousClock.now < deadline { await pause(milliseconds: 20) }
        let moved = Dictionary(provider.moved.map { ($0.payout ?? "", $0.sum ?? 0) }, uniquingKeysWith: +)
        #expect(moved == paid, "what the provider has moved is not what is owed")
        #expect(provider.moved.count == paid.count, "somebody was paid twice")
        let forged = provider.events.filter { $0.forged != nil && $0.answer != 0 }
        #expect(!forged.isEmpty && forged.allSatisfy { $0.answer == 401 }, "a forged callback was taken")
        if let mail { try await expectLetters(about: payouts, mail, company) }
        let environment = company.environment(provider)
        // Beside the running server, and after it: payouts, the ledger and the provider say the same.
        for stops in [false, true] {
            if stops { #expect(server.stop() == 0) }
            let verdict = try PopugProcess.run(
                ["verify", "--data", company.installation.data], environment: environment)
            #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
            #expect(
                verdict.output.contains("\(paid.count) compared with 127.0.0.1:\(provider.port)"), "\(verdict.output)")
        }
    }

    /// Everybody who is paid has had the letter about it, with the sum, and hardly anybody twice.
    private func expectLetters(
        about payouts: [[String: Any]], _ mail: MailServer, _ company: Company
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        let admin = APIClient(address: company.keeper.address, token: company.installation.admin)
        var waiting = -1
        while waiting != 0, ContinuousClock.now < deadline {
            waiting = try await admin.send("GET", "/api/mail").object["waiting"] as? Int ?? -1
            await pause(milliseconds: 100)
        }
        #expect(waiting == 0, "letters are still waiting")
        let taken = try mail.taken(payouts.count).filter { $0.subject.contains("sent for payment") }
        let recipients = taken.flatMap(\.to)
        #expect(Set(recipients).count >= payouts.count, "\(Set(recipients).count) of \(payouts.count) were written to")
        func identity(_ letter: MailServer.Taken) -> String {
            letter.message.components(separatedBy: "\r\n").first { $0.hasPrefix("Message-ID") } ?? ""
        }
        let copies = taken.count - Set(taken.map(identity)).count
        // At most one letter was under way at each kill.
        #expect(copies <= 12, "\(copies) letters came twice")
    }

    /// Has what was refused sent again, until everybody is paid.
    private func settle(_ company: Company) async throws {
        let deadline = ContinuousClock.now + .seconds(240)
        var before = 0
        while ContinuousClock.now < deadline {
            for payout in try await company.payouts("failed") {
                let id = payout["payout"] as? String ?? ""
                _ = try await company.keeper.send(
                    "POST", "/api/payouts/\(id)/retry", key: "retry-\(id)-\(payout["attempt"] ?? 0)")
            }
            let all = try await company.payouts()
            // Twice the same: the close has asked for all.
            let isPaid = !all.isEmpty && all.allSatisfy { $0["state"] as? String == "paid" }
            if isPaid, all.count == before { return }
            before = isPaid ? all.count : 0
            await pause(milliseconds: 200)
        }
        Issue.record(
            "not everybody was paid in time: \(try await company.payouts().map { $0["state"] as? String ?? "" })")
    }

    @Test("Told to stop while the provider says nothing, the server ends at once, and asks after its next start")
    func silent() async throws {
        let company = try await Company(employees: 1, tasks: 4)
        let provider = try SampleProvider(["--moods", "silent"])
        let server = try company.serve(provider)
        let deadline = ContinuousClock.now + .seconds(60)
        while provider.moved.isEmpty, ContinuousClock.now < deadline { await pause(milliseconds: 20) }
        let began = ContinuousClock.now
        #expect(server.stop() == 0)
        // Far from the twenty seconds that an answer may take.
        #expect(began.duration(to: .now) < .seconds(5))
        let next = try company.serve(provider)
        try await settle(company)
        let owed = try await company.payouts().compactMap { $0["payout"] as? String }
        #expect(provider.moved.compactMap(\.payout).sorted() == owed.sorted())
        #expect(next.stop() == 0)
    }

    @Test("Told to stop while the mail server says nothing, the server ends at once, and the letter still waits")
    func stuck() async throws {
        guard MailServer.isThere else { return }
        let mail = try MailServer()
        let installation = try TestInstallation(employees: 1)
        let environment = [
            "POPUG_MAIL_SERVER": "smtp://127.0.0.1:\(mail.port)", "POPUG_MAIL_TLS": "off",
            "POPUG_MAIL_FROM": "Popug <popug@popug.test>",
        ]
        let server = try PopugProcess(data: installation.data, environment: environment)
        let admin = APIClient(address: server.address, token: installation.admin)
        let added = try await admin.send(
            "POST", "/api/people",
            json: "{\"name\":\"Stuck\",\"email\":\"stuck@popug.test\",\"roles\":[\"employee\"]}", key: "stuck")
        #expect(added.status == 201)
        let deadline = ContinuousClock.now + .seconds(60)
        var tries = 0
        while tries == 0, ContinuousClock.now < deadline {
            let letters = try await admin.send("GET", "/api/letters?limit=1").object["items"] as? [[String: Any]]
            tries = letters?.first?["tries"] as? Int ?? 0
        }
        #expect(tries == 1)
        let began = ContinuousClock.now
        #expect(server.stop() == 0)
        // Far from the minute that a letter may take.
        #expect(began.duration(to: .now) < .seconds(5))
        let states = try PopugProcess.texts(
            installation.data + "/mailer.sqlite", "SELECT state FROM letter WHERE address = 'stuck@popug.test'")
        #expect(states == ["waiting"])
        #expect(try installation.verify().clean)
    }

    private func pause(milliseconds: Int) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { continuation.resume() }
        }
    }
}
