import Directory
import Storage
import Values
import Web

/// One person, for admins: roles, sessions, tokens, history.
struct PersonPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordDesk

    var endpoints: [Endpoint] { [page, details, roles, active, link, end, endOne, token] }

    private var page: Endpoint {
        .page("/people/{person}", "A person", access: PeopleAPI.admin) { [commands] call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            return try filled(person, call, commands, transaction)
        }
    }

    private func filled(
        _ person: Person, _ call: Call, _ commands: IdentityCommands, _ transaction: any Transaction
    ) throws -> Answer {
        let history = try PeopleQueries.history(of: person.id, before: call.cursor(1), limit: 30, in: transaction)
        let sessions = try SessionQueries.active(of: person.id, now: call.now, in: transaction)
        let link = try commands.openLink(of: person.id, now: call.now, in: transaction)
        let model: [String: Model] = [
            "id": .text(person.id.description), "name": .text(person.name), "email": .text(person.email),
            "active": .flag(person.active), "roles": .list(person.roles.sorted().map { .text($0) }),
            "hasPassword": .flag(try PeopleQueries.hasPassword(person.id, in: transaction)),
            "link": .text(link.map { call.company.publicAddress + $0.path } ?? ""),
            "linkUntil": .text(link.map { call.format.time($0.until) } ?? ""),
            "canLink": .flag(person.active && !person.email.isEmpty),
            "sessions": IdentityPages.model(sessions, call), "hasSessions": .flag(!sessions.isEmpty),
            "history": .list(history.entries.map { PersonPages.model($0, call) }),
            "older": .text(history.next.map { "/people/\(person.id)?cursor=\($0)" } ?? ""),
        ]
        return .page(
            "identity/person", title: person.name,
            .object(model.merging(IdentityPages.boxes(person.roles)) { $1 }))
    }

    private static func model(_ entry: HistoryEntry, _ call: Call) -> Model {
        .object([
            "at": .text(call.format.time(entry.at)), "by": .text(entry.byName ?? ""), "detail": .text(entry.detail),
            // A kind that a newer version wrote is shown as it stands.
            "was_" + entry.what: true,
            "other": .text(HistoryEntry.What(rawValue: entry.what) == nil ? entry.what : ""),
        ])
    }

    private func change(
        _ path: String, _ summary: String, notice: String,
        _ run: @escaping @Sendable (Call, ID, Act) throws -> Void
    ) -> Endpoint {
        .form("/people/{person}/" + path, summary, access: PeopleAPI.admin) { call, transaction in
            let person = try call.id("person")
            try run(call, person, Act(call, transaction))
            return .redirect(to: "/people/\(person)?notice=identity.notice.\(notice)")
        }
    }

    private var details: Endpoint {
        change("details", "Change name and e-mail", notice: "saved") { [commands] call, person, act in
            let email = call.field("email")
            try commands.change(person, .init(name: call.field("name"), email: email), act)
        }
    }

    private var roles: Endpoint {
        change("roles", "Change roles", notice: "saved") { [commands] call, person, act in
            try commands.change(person, .init(roles: IdentityPages.roles(in: call)), act)
        }
    }

    private var active: Endpoint {
        change("active", "Deactivate or reactivate", notice: "saved") { [commands] call, person, act in
            try commands.change(person, .init(active: call.field("active") == "1"), act)
        }
    }

    private var link: Endpoint {
        change("link", "Make a link for setting a password", notice: "link") { [commands] _, person, act in
            _ = try commands.makeLink(for: person, act)
        }
    }

    private var end: Endpoint {
        change("sessions", "End every session and token", notice: "ended") { [commands] _, person, act in
            try commands.endSessions(of: person, act)
        }
    }

    private var endOne: Endpoint {
        change("sessions/{session}", "End a session or token", notice: "ended") { [commands] call, person, act in
            try commands.endSession(call.id("session"), of: person, act)
        }
    }

    private var token: Endpoint {
        // Not idempotent: a stored answer would be a stored credential.
        .form("/people/{person}/tokens", "Make a token for a program", access: PeopleAPI.admin, idempotent: false) {
            [commands] call, transaction in
            let token = try commands.createToken(
                for: call.id("person"), name: call.field("name"), days: Int64(call.field("days")) ?? 0,
                Act(call, transaction))
            return .page(
                "identity/token", title: "identity.token",
                [
                    "token": .text(token.token), "name": .text(token.person.name),
                    "id": .text(token.person.id.description), "until": .text(call.format.time(token.until)),
                ])
        }
    }
}
