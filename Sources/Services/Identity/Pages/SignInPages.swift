import Directory
import Storage
import Values
import Web

/// Signing in and out.
struct SignInPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [page, signIn, signOut] }

    private var page: Endpoint {
        .page("/sign-in", "Sign in", access: .anyone) { call, _ in
            SignInPages.filled(email: "", next: call.query("next"), unsent: call.query("unsent") != nil)
        }
    }

    private var signIn: Endpoint {
        var endpoint = Endpoint.form(
            "/sign-in", "Sign in", access: .anyone, idempotent: false,
            again: { call, problem, _ in
                guard [401, 429].contains(problem.status) else { return nil }
                return SignInPages.filled(email: call.field("email"), next: call.field("next"))
            }
        ) { [desk] call, transaction in
            var answer = Answer.redirect(to: Preferences.localPath(call.field("next")))
            answer.cookies = try desk.signIn(call, in: transaction).cookies(now: call.now)
            return answer
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

    private static func filled(email: String, next: String?, unsent: Bool = false) -> Answer {
        .page(
            "identity/sign-in", title: "identity.sign-in",
            [
                "email": .text(email.beginning(254)), "next": .text(Preferences.localPath(next)),
                "unsent": .flag(unsent),
            ])
    }
}
