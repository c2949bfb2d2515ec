import Directory
import Storage
import Values
import Web

/// Signing in with a link in a letter (S8): asking for it, and using it.
struct LinkPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [ask, page, use] }

    private var ask: Endpoint {
        // Not idempotent: a repeat is another request for a letter, and is counted as one.
        .form(
            "/sign-in/link", "Ask for a letter with a link that signs in", access: .anyone, idempotent: false,
            again: { [commands] call, problem, _ in
                [422, 429].contains(problem.status) ? SignInPages.filled(call, commands, first: .link) : nil
            }
        ) { [commands, desk] call, transaction in
            guard commands.settings.links else { throw Problem.notFound }
            let email = call.field("email").trimmed()
            guard MailAddress.key(email).has("@") else { throw Problem.invalid("email", "identity.email") }
            let wait = try desk.throttle.beginLink(call, email: email, now: call.now, in: transaction)
            if let wait { throw PasswordWork.wait(wait) }
            let next = Preferences.localPath(call.field("next"))
            let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: nil)
            try commands.askForLink(email: email, next: next == "/" ? nil : next, act)
            // The same words whether or not anybody has the address.
            return .redirect(to: "/sign-in").saying(
                "identity.notice.link-asked", ["email": MailAddress.shown(email.beginning(254))])
        }
    }

    private var page: Endpoint {
        // A page with a button: programs that look into letters open links, and must not use them up.
        .page("/sign-in/link/{link}", "Sign in with a link", access: .anyone) { [commands] call, transaction in
            let link = call.pathValues["link"] ?? ""
            let (person, ticket) = try commands.opened(link: link, at: call.now, in: transaction)
            return .page(
                "identity/link", title: "identity.sign-in",
                [
                    "link": .text(link), "next": .text(Preferences.localPath(call.query("next"))),
                    "name": .text(person.name), "email": .text(MailAddress.shown(person.email)),
                    "until": .time(ticket.made.adding(seconds: Ticket.Purpose.link.seconds)),
                ])
        }
    }

    private var use: Endpoint {
        .form("/sign-in/link/{link}", "Sign in with a link", access: .anyone, idempotent: false) {
            [commands, desk] call, transaction in
            let (known, ticket) = try commands.opened(
                link: call.pathValues["link"] ?? "", at: call.now, in: transaction)
            let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: known.id)
            let person = try commands.locked(known.id, act)
            guard person == known, try commands.spend(ticket, act) else {
                throw Problem(404, "identity.sign-in-link-gone")
            }
            return try SecondStep(commands: commands, desk: desk).enter(
                person, by: .link, next: call.field("next"), call, in: transaction)
        }
    }
}
