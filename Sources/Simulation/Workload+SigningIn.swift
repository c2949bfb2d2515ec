import Composition
import Storage
import Values
import Web

/// What people do to get in: with passwords, passkeys, and links in letters (S8). The auditor looks at the session that
/// begins with a request, whatever is answered: see ``Auditor/check(_:by:_:)``.
extension Workload {
    /// What people have to sign in with, apart from passwords, and what they have done with it. A restore takes back
    /// none of it.
    struct Ways: Sendable {
        /// How many of the letters with links were opened.
        var opened = 0
        /// The links that were tried, by the requests for their letters.
        var tried: Set<ID> = []
        /// Each with the authenticator's own counter, in the order in which they were made.
        var passkeys: [HeldPasskey] = []
        /// The latest answer with a passkey.
        var latest: Assertion?
    }

    /// Somebody who is signed in.
    struct Visit {
        let person: ID
        let session: ID
        /// The browser's cookie for it.
        let cookie: String
    }

    /// What came of a request.
    struct Reply {
        /// `nil` if no answer came.
        let answer: WebResponse?
        /// The session that began.
        let visit: Visit?
        /// Whether no fault has struck meanwhile: then the answer must be right, and not only harmless.
        let isCertain: Bool

        var status: Int { answer?.status ?? 0 }
        var text: String { answer?.text ?? "" }
        /// How many seconds to wait, after too many attempts.
        var wait: Int64? { status == 429 ? answer?.header("retry-after").flatMap { Int64($0) } ?? 0 : nil }
    }

    private enum Entry { case letter, oldLink, password, passkey, newPassword, removal }

    /// - Returns: always `nil`: who does this has no session yet, so there is no ``Intent``.
    func signIn(_ exchange: Exchange) throws -> Intent? {
        world.marks.reach("action: \(Action.signIn.rawValue)")
        let entry: Entry = dice.weighted([
            (.letter, 3), (.oldLink, 1), (.password, 3), (.passkey, 4), (.newPassword, 1.5), (.removal, 0.5),
        ])
        switch entry {
        case .letter: try askForLetter(exchange)
        case .oldLink: if let link = dice.pick(Array(world.mail.links.suffix(6))) { try use(link, exchange) }
        case .password: try usePassword(exchange)
        case .passkey: try usePasskey(exchange)
        case .newPassword: try setPassword(exchange)
        case .removal: try removePasskey(exchange)
        }
        return nil
    }

    /// Everybody with a way in gets in, whatever went before: nobody is locked out for ever (X64).
    func letEverybodyIn(_ exchange: Exchange) throws {
        guard !world.plan.withoutActions.contains(.signIn) else { return }
        for (person, password) in model.passwords.sorted(by: { $0.key < $1.key }) where isActive(person) {
            try patiently { try usePassword(password, of: person, exchange) }
        }
        for place in ways.passkeys.indices where isUsable(ways.passkeys[place]) {
            try patiently { try usePasskey(at: place, exchange) }
        }
        // The letter comes, and is opened, while everything comes to rest.
        if dice.chance(0.3) { try askForLetter(exchange) }
    }

    private func patiently(_ attempt: () throws -> Reply) throws {
        for _ in 0..<8 {
            guard let wait = try attempt().wait else { return }
            world.advance(milliseconds: (wait + 1) * 1000)
        }
        throw Finding("somebody waits, and is told to wait again and again (X64)")
    }

    func isActive(_ person: ID) -> Bool { model.people[person]?.active == true }

    /// Anybody who has an address.
    func addressed() -> ID? {
        dice.pick(model.people.filter { !$0.value.email.isEmpty }.keys.sorted())
    }

    // MARK: After the first proof

    /// What follows a link or a password: the session, which lets its person in, or the second step.
    func enter(_ reply: Reply, by first: Auditor.Proof, _ person: ID, _ exchange: Exchange) throws -> Reply {
        if let visit = reply.visit {
            try look(visit, exchange)
            return reply
        }
        guard let ticket = Workload.part(of: reply.text, after: "name=\"ticket\" value=\"") else { return reply }
        return try takeSecondStep(reply, ticket, by: first, person, exchange)
    }

    /// A session that has just begun lets its person in.
    func look(_ visit: Visit, _ exchange: Exchange) throws {
        let reply = try get("/me", in: visit, exchange)
        let isStaff = model.people[visit.person].map { !$0.roles.isDisjoint(with: Auditor.Standing.staff) } ?? false
        guard reply.isCertain, reply.status != (isStaff ? 200 : 403) else { return }
        throw Finding("a session that has just begun is answered \(reply.status)")
    }

    // MARK: Requests

    private static let form = "application/x-www-form-urlencoded"
    /// The cookie of a browser that nobody is signed in with.
    private static let browser = "browser"

    func get(_ path: String, in visit: Visit? = nil, _ exchange: Exchange) throws -> Reply {
        let headers = WebRequest.Headers(cookie: cookies(visit))
        return try ask(WebRequest("GET", path, headers: headers, id: key("look")), exchange)
    }

    /// Sends a form.
    /// - Parameters:
    ///   - proofs: what it has, from which a session may begin.
    ///   - visit: the session in which it is sent.
    ///   - id: the request's, if it is to be a certain one.
    func post(
        _ path: String, _ fields: [(name: String, value: String)], by proofs: [Auditor.Proof] = [],
        in visit: Visit? = nil, id: String? = nil, _ exchange: Exchange
    ) throws -> Reply {
        let forms = FormGuard(secret: World.secret, publicAddress: world.company.publicAddress)
        let token = visit.map { forms.token(session: $0.session) } ?? forms.token(anonymous: Workload.browser)
        let pairs = (fields + [(name: "csrf", value: token)]).map { "\($0.name)=\(PercentCoding.encode($0.value))" }
        let request = WebRequest(
            "POST", path, headers: .init(cookie: cookies(visit), contentType: Workload.form),
            body: Array(pairs.joined(separator: "&").utf8), id: id ?? key("sign-in"))
        // A passkey's signature is another one each time, even over the same bytes.
        for field in fields where field.name != "response" { world.note("  \(field.name)", [.text(field.value)]) }
        return try ask(request, by: proofs, exchange)
    }

    private func cookies(_ visit: Visit?) -> String {
        "\(FormGuard.cookie)=\(Workload.browser)" + (visit.map { "; \($0.cookie)" } ?? "")
    }

    /// Sends a request, and has the auditor check what begins with it.
    func ask(_ request: WebRequest, by proofs: [Auditor.Proof] = [], _ exchange: Exchange) throws -> Reply {
        let (before, known, struck) = (try auditor.sessions(), model, world.struck)
        world.note("\(request.method) \(request.target)")
        world.doing = "\(request.method) \(Workload.kind(request.path))"
        defer { world.doing = World.starting }
        let answer = exchange.respond(to: request)
        world.note("answer \(answer.status)", [.blob(answer.body)])
        try auditor.follow()
        let begun = try auditor.sessions().values.filter { before[$0.id] == nil }.sorted { $0.id < $1.id }
        try auditor.check(begun, by: proofs, known)
        let isCertain = !world.life.isOver && struck == world.struck
        guard !world.life.isOver, answer.status < 500 else {
            if isCertain {
                throw Finding("\(request.method) \(request.target): \(answer.status) \(answer.text.prefix(300))")
            }
            return Reply(answer: nil, visit: nil, isCertain: false)
        }
        return Reply(answer: answer, visit: try visit(begun.first, answer), isCertain: isCertain)
    }

    /// The session whose cookie an answer has.
    private func visit(_ begun: Auditor.Begun?, _ answer: WebResponse) throws -> Visit? {
        let header = answer.headers.first {
            $0.name == "set-cookie" && $0.value.begins(with: EndpointRunner.sessionCookie + "=")
        }
        guard let cookie = header?.value.parts(at: ";").first else { return nil }
        guard let begun else { throw Finding("a session was given out, and none has begun") }
        return Visit(person: begun.person, session: begun.id, cookie: cookie)
    }

    /// Requests of one kind run the same code.
    private static func kind(_ path: String) -> String {
        for beginning in ["/sign-in/link/", "/welcome/"] where path.hasPrefix(beginning) { return beginning + "…" }
        return "/" + path.split(separator: "/").map { ID(String($0)) == nil ? $0 : "…" }.joined(separator: "/")
    }

    /// What stands in a page, or in JSON, after a text and before the next quotation mark.
    static func part(of text: String, after mark: String) -> String? {
        guard let start = text.utf8.firstRange(of: mark.utf8)?.upperBound else { return nil }
        return String(
            decoding: text.utf8[start...].prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "&") }, as: UTF8.self)
    }
}
