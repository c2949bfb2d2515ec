import Directory
import Storage
import Values
import Web

/// The caller's own account: data, password, sessions.
struct MePages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [page, password, end, endOne] }

    private var page: Endpoint {
        .page("/me", "One's own account", access: .staff) { [commands] call, transaction in
            try MePages.filled(call, commands, transaction)
        }
    }

    private var password: Endpoint {
        // Not idempotent: no quick hash of a password may be stored. A repeat finds the present password changed.
        var endpoint = Endpoint.form(
            "/me/password", "Change one's password", access: .staff, idempotent: false,
            again: { [commands] call, problem, transaction in
                [422, 429].contains(problem.status) ? try MePages.filled(call, commands, transaction) : nil
            }
        ) { [desk] call, transaction in
            try desk.storeChanged(call, in: transaction)
            return .redirect(to: "/me").saying("identity.notice.own-password")
        }
        endpoint.before = { [desk] call in
            try desk.changedPassword(call, present: call.field("present"), new: call.field("new"))
        }
        return endpoint
    }

    private var end: Endpoint {
        .form("/me/sessions", "Sign out everywhere", access: .staff, idempotent: false) {
            [commands] call, transaction in
            try commands.endSessions(of: call.person().id, CommandContext(call, transaction))
            var answer = Answer.redirect(to: "/sign-in").saying("identity.notice.everywhere")
            answer.cookies.append(Cookie(name: EndpointRunner.sessionCookie, value: "", maxAge: 0))
            return answer
        }
    }

    private var endOne: Endpoint {
        .form("/me/sessions/{session}", "End one of one's sessions", access: .staff) {
            [commands] call, transaction in
            let session = try SessionQueries.find(call.id("session"), of: call.person().id, in: transaction)
            try commands.endSession(session.id, of: session.person, CommandContext(call, transaction))
            return .redirect(to: "/me").saying(
                IdentityPages.said(ended: session, own: true), ["token": session.name])
        }
    }

    static func filled(_ call: Call, _ commands: IdentityCommands, _ transaction: any Transaction) throws -> Answer {
        let person = try call.person()
        let sessions = try SessionQueries.active(of: person.id, now: call.now, in: transaction)
        let ways = try PasskeyPages.model(of: person.id, removedAt: "/me", commands, transaction)
        let company = try CompanyPages.model(of: person.id, mayRemove: false, commands, transaction)
        let model: [String: Model] = [
            "name": .text(person.name), "email": .text(MailAddress.shown(person.email)),
            "roles": IdentityPages.titles(person.roles, call),
            "hasPassword": .flag(try PeopleQueries.hasPassword(person.id, in: transaction)),
            "sessions": IdentityPages.model(sessions, call, endedAt: "/me/sessions/"),
            "hasSessions": .flag(!sessions.isEmpty),
        ]
        return .page("identity/me", title: "identity.me", .object(model.merging(ways) { $1 }.merging(company) { $1 }))
    }
}
