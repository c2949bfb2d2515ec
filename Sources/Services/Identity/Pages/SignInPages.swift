import Directory
import Storage
import Values
import Web

/// Signing in and out. One page has every way in; the one that this browser used last comes first.
struct SignInPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [page, signIn, signOut] }

    private var page: Endpoint {
        .page("/sign-in", "Sign in", access: .anyone) { [commands] call, _ in
            SignInPages.filled(call, commands)
        }
    }

    private var signIn: Endpoint {
        var endpoint = Endpoint.form(
            "/sign-in", "Sign in", access: .anyone, idempotent: false,
            again: { [commands] call, problem, _ in
                guard [401, 429].contains(problem.status) else { return nil }
                return SignInPages.filled(call, commands, first: .password)
            }
        ) { [commands, desk] call, transaction in
            let person = try desk.known(call, in: transaction)
            return try SecondStep(commands: commands, desk: desk).enter(
                person, by: .password, next: call.field("next"), call, in: transaction)
        }
        endpoint.before = { [desk] call in
            try desk.sign(call, email: call.field("email"), password: call.field("password"))
        }
        return endpoint
    }

    private var signOut: Endpoint {
        .form("/sign-out", "Sign out", access: .anyone, idempotent: false) { [commands] call, transaction in
            if let session = call.session, let caller = call.caller {
                try commands.endSession(session, of: caller.id, CommandContext(call, transaction))
            }
            var answer = Answer.redirect(to: "/sign-in")
            answer.cookies.append(Cookie(name: EndpointRunner.sessionCookie, value: "", maxAge: 0))
            return answer
        }
    }

    /// - Parameters:
    ///   - first: the way to offer first; if it is `nil`, the one that this browser used last.
    ///   - next: where the person wants to go; if it is `nil`, what the form or the address says.
    static func filled(
        _ call: Call, _ commands: IdentityCommands, first: Way? = nil, next: String? = nil
    ) -> Answer {
        let first = first ?? call.cookie(named: Arrivals.wayCookie).flatMap(Way.init) ?? .password
        let links = commands.settings.links
        let company = commands.settings.company
        let asked = next ?? (call.field("next").isEmpty ? call.query("next") : call.field("next"))
        let next = Preferences.localPath(asked)
        let model: [String: Model] = [
            "email": .text(call.field("email").beginning(254)),
            "next": .text(next),
            "unsent": .flag(call.query("unsent") != nil), "links": .flag(links),
            "linkFirst": .flag(links && first == .link),
            "passkeyFirst": .flag(commands.party != nil && first == .passkey),
            "company": .flag(company != nil), "companyFirst": .flag(company != nil && first == .company),
            "companyDoes": .text(CompanyPages.text("sign-in", call, commands)),
            "companyPath": .text(CompanyProvider.path + "?next=" + PercentCoding.encode(next)),
        ]
        return .page(
            "identity/sign-in", title: "identity.sign-in",
            .object(model.merging(PasskeyPages.signInModel(commands)) { $1 }))
    }
}
