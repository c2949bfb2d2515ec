import Composition
import Storage
import Values
import Web

/// What people do to get in: they ask for letters with links, and use links that have arrived, some of them twice or too
/// late (S8).
extension Workload {
    private static let form = "application/x-www-form-urlencoded"
    /// The cookie of a browser that nobody is signed in with.
    private static let browser = "browser"

    /// - Returns: always `nil`: who does this has no session yet, so there is no ``Intent``.
    func signIn(_ exchange: Exchange) throws -> Intent? {
        world.marks.reach("action: \(Action.signIn.rawValue)")
        let recent = world.mail.links.suffix(6)
        if let link = dice.pick(Array(recent)), dice.chance(0.6) {
            try use(link, exchange)
        } else {
            let email = dice.chance(0.3) ? World.admin.email : "p\(dice.below(count + 1))@example.com"
            _ = try post("/sign-in/link", "email=\(PercentCoding.encode(email))", exchange)
        }
        return nil
    }

    private func use(_ link: MailedLink, _ exchange: Exchange) throws {
        let epoch = try auditor.epoch()
        guard let answer = try post(link.path, "next=%2F", exchange) else { return }
        guard answer.status == 303 else {
            world.marks.reach("branch: a link was refused")
            return
        }
        let age = world.time.milliseconds - link.made.milliseconds
        guard age < 900_000, age > -60_000 else { throw Finding("a link signs in that was made \(age) ms ago") }
        guard link.epoch == epoch else { throw Finding("a link from before a restore signs in") }
        guard usedLinks[link.ask] != epoch else { throw Finding("a link signs in twice: \(link.ask)") }
        usedLinks[link.ask] = epoch
        world.marks.reach("branch: a link signed somebody in")
        try look(with: answer, exchange)
    }

    /// The session that has begun lets its person in.
    private func look(with answer: WebResponse, _ exchange: Exchange) throws {
        let cookie = answer.headers.first {
            $0.name == "set-cookie" && $0.value.begins(with: EndpointRunner.sessionCookie + "=")
        }
        guard let cookie = cookie?.value.parts(at: ";").first else { throw Finding("a link gave no session") }
        let struck = world.struck
        let me = exchange.respond(to: WebRequest("GET", "/me", headers: .init(cookie: cookie), id: key("look")))
        world.note("answer \(me.status)", [.blob(me.body)])
        guard !world.life.isOver, struck == world.struck else { return }
        guard me.status == 200 else { throw Finding("a session that has just begun is answered \(me.status)") }
    }

    /// - Returns: `nil` if no answer came.
    private func post(_ path: String, _ fields: String, _ exchange: Exchange) throws -> WebResponse? {
        let forms = FormGuard(secret: World.secret, publicAddress: world.company.publicAddress)
        let body = "\(fields)&csrf=\(forms.token(anonymous: Workload.browser))"
        let struck = world.struck
        world.note("POST \(path)", [.blob(Array(body.utf8))])
        world.doing = "POST " + (path == "/sign-in/link" ? path : "/sign-in/link/…")
        defer { world.doing = World.starting }
        let answer = exchange.respond(
            to: WebRequest(
                "POST", path,
                headers: .init(cookie: "\(FormGuard.cookie)=\(Workload.browser)", contentType: Workload.form),
                body: Array(body.utf8), id: key("sign-in")))
        world.note("answer \(answer.status)", [.blob(answer.body)])
        try auditor.follow()
        guard !world.life.isOver, answer.status < 500 else {
            if !world.life.isOver, struck == world.struck {
                throw Finding("POST \(path): \(answer.status) \(answer.text.prefix(300))")
            }
            return nil
        }
        return answer
    }
}
