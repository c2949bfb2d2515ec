import Directory
import Storage
import Values
import Web

/// One person, for admins: details, roles, password, sessions, tokens, history. A form with a wrong field comes back as
/// it was filled in, with the error beside the field.
struct PersonPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [page, details, roles, password, active, link, handOut, end, endOne, token] }

    private var page: Endpoint {
        .page("/people/{person}", "A person", access: PeopleAPI.admin) { [commands] call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            return try PersonPages.filled(person, call, commands, transaction)
        }
    }

    /// The forms of the page. The template tests a flag for the one that was refused: `{{#wrong_details}}`.
    private enum Form: String {
        case details, roles, access, password, token, sessions
    }

    /// - Parameter wrong: the form that was refused.
    private static func filled(
        _ person: Person, _ call: Call, _ commands: IdentityCommands, _ transaction: any Transaction,
        wrong: Form? = nil
    ) throws -> Answer {
        let retyping = { (form: Form, name: String, stored: String) -> Model in
            .text(wrong == form ? call.field(name).beginning(254) : stored)
        }
        let shown = MailAddress.shown(person.email)
        let roles = wrong == .roles ? IdentityPages.roles(in: call) : person.roles
        let history = try call.page(30, by: \.id) {
            try PeopleQueries.history(of: person.id, before: $0, limit: $1, in: transaction)
        }
        let sessions = try SessionQueries.active(of: person.id, now: call.now, in: transaction)
        // A link gives access, so it is shown only to callers who may make one.
        let maySee = call.scopes == nil ? call.isProven : Scope.areAll(call.scopes)
        let open = try commands.openLink(of: person.id, now: call.now, in: transaction)
        let link = maySee ? open : nil
        let model: [String: Model] = [
            "id": .text(person.id.description), "name": .text(person.name), "email": .text(shown),
            "active": .flag(person.active), "roles": IdentityPages.titles(person.roles, call),
            "hasPassword": .flag(try PeopleQueries.hasPassword(person.id, in: transaction)),
            "link": .text(link.map { call.company.publicAddress + $0.path } ?? ""),
            "linkUntil": .time(link?.until), "hiddenUntil": .time(maySee ? nil : open?.until),
            "canLink": .flag(person.active && !person.email.isEmpty),
            "sessions": IdentityPages.model(sessions, call, endedAt: "/people/\(person.id)/sessions/"),
            "scopeBoxes": IdentityPages.scopeBoxes(call), "hasSessions": .flag(!sessions.isEmpty),
            "history": .list(history.rows.map { PersonPages.model($0, call) }),
            "older": .text(history.next.map { "/people/\(person.id)?cursor=\($0)" } ?? ""),
            "typedName": retyping(.details, "name", person.name),
            "typedEmail": retyping(.details, "email", shown), "tokenName": retyping(.token, "name", ""),
            "tokenDays": retyping(.token, "days", "90"),
        ]
        let ways = try PasskeyPages.model(of: person.id, removedAt: "/people/\(person.id)", commands, transaction)
        let company = try CompanyPages.model(of: person.id, mayRemove: true, commands, transaction)
        let faults: [String: Model] = wrong.map { ["wrong_" + $0.rawValue: true] } ?? [:]
        return .page(
            "identity/person", title: person.name,
            .object(
                model.merging(IdentityPages.boxes(roles)) { $1 }.merging(ways) { $1 }.merging(company) { $1 }.merging(
                    faults
                ) { $1 }))
    }

    private static func model(_ entry: HistoryEntry, _ call: Call) -> Model {
        let what = HistoryEntry.What(rawValue: entry.what)
        return .object([
            "id": .text(entry.id.description), "at": .time(entry.at), "by": .text(entry.byName ?? ""),
            "byID": .text(entry.by?.description ?? ""),
            "detail": .text(what == .registered || what == .roles ? translated(entry.detail, call) : entry.detail),
            // An unknown kind, written by a newer version, is shown as it is stored.
            "what": .text(
                what.map { IdentityPages.set.text("identity.what.\($0.rawValue)", call.language) } ?? entry.what),
        ])
    }

    /// Lists of roles in the reader's words: `accountant → boss, manager`.
    private static func translated(_ roles: String, _ call: Call) -> String {
        roles.replacing(/[a-z][a-z0-9\-]*/) { IdentityPages.title(of: String($0.output), call) }
    }

    /// The page again, with the errors in one of its forms.
    private func again(_ form: Form) -> Endpoint.Again {
        { [commands] call, problem, transaction in
            guard [409, 422].contains(problem.status) else { return nil }
            return try PersonPages.filled(
                PeopleQueries.person(call.id("person"), in: transaction), call, commands, transaction, wrong: form)
        }
    }

    /// Back to the person's page, which says what was done.
    private static func done(_ said: String, _ person: Person, _ values: [String: String] = [:]) -> Answer {
        .redirect(to: "/people/\(person.id)").saying(said, values.merging(["name": person.name]) { $1 })
    }

    private func change(
        _ path: String, _ summary: String, _ form: Form, _ proof: Endpoint.Proof = .none,
        _ run: @escaping @Sendable (Call, ID, CommandContext) throws -> Answer
    ) -> Endpoint {
        Endpoint.form("/people/{person}/" + path, summary, access: PeopleAPI.admin, again: again(form)) {
            call, transaction in
            try run(call, call.id("person"), CommandContext(call, transaction))
        }.needing(proof)
    }

    private var details: Endpoint {
        change("details", "Change name and e-mail", .details, .wayIn) { [commands] call, id, act in
            let change = IdentityCommands.Change(name: call.field("name"), email: call.field("email"))
            return PersonPages.done("identity.notice.details", try commands.change(id, change, act))
        }
    }

    private var roles: Endpoint {
        change("roles", "Change roles", .roles, .wayIn) { [commands] call, id, act in
            let person = try commands.change(id, .init(roles: IdentityPages.roles(in: call)), act)
            return PersonPages.done("identity.notice.roles", person)
        }
    }

    private var password: Endpoint {
        // Not idempotent: an idempotent form would store a quick hash of its fields.
        var endpoint = Endpoint.form(
            "/people/{person}/password", "Set a person's password; their sessions end", access: PeopleAPI.admin,
            idempotent: false, again: again(.password)
        ) { [commands, desk] call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            guard let hash = desk.newHash(call) else { throw Problem.notFound }
            try commands.setPassword(hash, of: person.id, keeping: call.session, CommandContext(call, transaction))
            return PersonPages.done("identity.notice.password", person)
        }
        endpoint.before = { [desk] call in
            let id = try call.id("person")
            let person = try desk.look { try PeopleQueries.person(id, in: $0) }
            return try desk.newPassword(call, call.field("password"), for: person)
        }
        return endpoint.needing(.wayIn)
    }

    private var active: Endpoint {
        change("active", "Deactivate or reactivate", .access, .fresh) { [commands] call, id, act in
            let person = try commands.change(id, .init(active: call.field("active") == "1"), act)
            let said = person.active ? "identity.notice.reactivated" : "identity.notice.deactivated"
            return PersonPages.done(said, person)
        }
    }

    private var link: Endpoint {
        change("link", "Make a link for setting a password", .access, .wayIn) { [commands] _, id, act in
            _ = try commands.makeLink(for: id, act)
            return PersonPages.done("identity.notice.link", try PeopleQueries.person(id, in: act.transaction))
        }
    }

    private var handOut: Endpoint {
        // Not idempotent: a stored answer would be a stored credential.
        Endpoint.form(
            "/people/{person}/sign-in-link", "Make a link that signs the person in, to be handed over",
            access: PeopleAPI.admin, idempotent: false, again: again(.access)
        ) { [commands] call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            let link = try commands.handOutLink(for: person.id, CommandContext(call, transaction))
            return .page(
                "identity/handed-link", title: "identity.handed-link",
                [
                    "link": .text(call.company.publicAddress + link.path), "name": .text(person.name),
                    "until": .time(link.until), "id": .text(person.id.description),
                ])
        }.needing(.wayIn)
    }

    private var end: Endpoint {
        change("sessions", "End every session and token", .sessions) { [commands] _, id, act in
            try commands.endSessions(of: id, act)
            return PersonPages.done("identity.notice.ended", try PeopleQueries.person(id, in: act.transaction))
        }
    }

    private var endOne: Endpoint {
        change("sessions/{session}", "End a session or token", .sessions) { [commands] call, id, act in
            let session = try SessionQueries.find(call.id("session"), of: id, in: act.transaction)
            try commands.endSession(session.id, of: id, act)
            return PersonPages.done(
                IdentityPages.said(ended: session, own: false), try PeopleQueries.person(id, in: act.transaction),
                ["token": session.name])
        }
    }

    private var token: Endpoint {
        // Not idempotent: a stored answer would be a stored credential.
        Endpoint.form(
            "/people/{person}/tokens", "Make a token for a program", access: PeopleAPI.admin, idempotent: false,
            again: again(.token)
        ) { [commands] call, transaction in
            let token = try commands.createToken(
                for: call.id("person"), name: call.field("name"), days: Int64(call.field("days")) ?? 0,
                scopes: IdentityPages.scopes(in: call), granting: call.scopes, CommandContext(call, transaction))
            return .page(
                "identity/token", title: "identity.token",
                [
                    "token": .text(token.token), "name": .text(token.person.name),
                    "scopes": IdentityPages.scopes(IdentityPages.scopes(in: call).sorted(), call),
                    "id": .text(token.person.id.description), "until": .time(token.until),
                ])
        }.needing(.wayIn)
    }
}
