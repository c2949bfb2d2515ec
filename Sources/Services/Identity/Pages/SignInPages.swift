import Directory
import Storage
import Values
import Web

/// Signing in and out.
struct SignInPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordDesk

    var endpoints: [Endpoint] { [page, signIn, signOut] }

    private var page: Endpoint {
        .page("/sign-in", "Sign in", access: .anyone) { call, _ in
            SignInPages.filled(
                email: "", next: Preferences.localPath(call.query("next")),
                ["unsent": .flag(call.query("unsent") != nil)], status: 200)
        }
    }

    private var signIn: Endpoint {
        var endpoint = Endpoint.form("/sign-in", "Sign in", access: .anyone, idempotent: false) {
            [desk] call, transaction in
            let email = call.field("email")
            let next = Preferences.localPath(call.field("next"))
            switch desk.outcome(call) {
            case .right(let person, let checked, let renewed):
                guard
                    let (session, browser) = try desk.signIn(
                        call, person: person, checked: checked, renewed: renewed, email: email, in: transaction)
                else { return SignInPages.filled(email: email, next: next, ["wrong": true], status: 401) }
                var answer = Answer.redirect(to: next)
                answer.cookies = [browser, session.cookie(now: call.now)]
                return answer
            case .wrong: return SignInPages.filled(email: email, next: next, ["wrong": true], status: 401)
            case .wait(let seconds):
                var answer = SignInPages.filled(
                    email: email, next: next, ["wait": .text(String(seconds))], status: 429)
                answer.headers.append(("Retry-After", String(seconds)))
                return answer
            }
        }
        endpoint.before = { [desk] call in
            try desk.attempt(call, email: call.field("email"), password: call.field("password"))
        }
        return endpoint
    }

    private var signOut: Endpoint {
        .form("/sign-out", "Sign out", access: .anyone, idempotent: false) { [commands] call, transaction in
            if let session = call.session, let caller = call.caller {
                try commands.endSession(session, of: caller.id, Act(call, transaction))
            }
            var answer = Answer.redirect(to: "/sign-in")
            answer.cookies.append(Cookie(name: EndpointRunner.sessionCookie, value: "", maxAge: 0))
            return answer
        }
    }

    private static func filled(email: String, next: String, _ more: [String: Model], status: Int) -> Answer {
        let model: [String: Model] = ["email": .text(email.beginning(254)), "next": .text(next)]
        return .page(
            "identity/sign-in", title: "identity.sign-in", .object(model.merging(more) { $1 }), status: status)
    }
}
