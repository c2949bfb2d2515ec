import Directory
import Storage
import Values
import Web

/// Before a form ends someone's sessions or tokens, shows what that does. Each page has the same address as its form.
struct EndingPages: Sendable {
    @EndpointList var endpoints: [Endpoint] {
        Endpoint.page("/people/{person}/active", "What deactivating a person does", access: PeopleAPI.admin) {
            call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            let path = "/people/\(person.id)"
            guard person.active else { return .redirect(to: path) }
            var confirmation = Confirmation(
                title: EndingPages.text("deactivate.title", call, ["name": person.name]),
                button: "identity.deactivate",
                lines: ["access", "tasks", "money", "later"].map { EndingPages.text("deactivate." + $0, call) },
                action: path + "/active", back: path)
            let sessions = try SessionQueries.active(of: person.id, now: call.now, in: transaction)
            confirmation.facts = EndingPages.facts(sessions, call)
            confirmation.fields = [("active", "0")]
            return .asking(confirmation)
        }.needing(.fresh)
        Endpoint.page("/people/{person}/sessions", "What ending all sessions does", access: PeopleAPI.admin) {
            call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            return try EndingPages.asking(
                "end-all", of: person, button: "identity.end-all", back: "/people/\(person.id)", call, transaction)
        }
        Endpoint.page("/people/{person}/sessions/{session}", "What ending a token does", access: PeopleAPI.admin) {
            call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            return try EndingPages.asking(aboutTokenOf: person, back: "/people/\(person.id)", call, transaction)
        }
        Endpoint.page("/me/sessions", "What signing out everywhere does", access: .staff) { call, transaction in
            try EndingPages.asking(
                "everywhere", of: call.person(), button: "identity.everywhere", back: "/me", call, transaction)
        }
        Endpoint.page("/me/sessions/{session}", "What ending one's token does", access: .staff) { call, transaction in
            try EndingPages.asking(aboutTokenOf: call.person(), back: "/me", call, transaction)
        }
    }

    /// Asks before all sessions of a person are ended.
    ///
    /// - Parameters:
    ///   - what: the texts are `identity.WHAT.title` and `identity.WHAT.about`.
    ///   - back: the page of the sessions; the form posts to `sessions` below it.
    private static func asking(
        _ what: String, of person: Person, button: String, back: String, _ call: Call, _ transaction: any Transaction
    ) throws -> Answer {
        var confirmation = Confirmation(
            title: text(what + ".title", call, ["name": person.name]), button: button,
            lines: [text(what + ".about", call)], action: back + "/sessions", back: back)
        let sessions = try SessionQueries.active(of: person.id, now: call.now, in: transaction)
        confirmation.facts = facts(sessions, call)
        return .asking(confirmation)
    }

    /// Asks before one token is ended. A browser is ended without a question: signing in again is easy. So is a session
    /// that has already ended.
    private static func asking(
        aboutTokenOf person: Person, back: String, _ call: Call, _ transaction: any Transaction
    ) throws -> Answer {
        let id = try call.id("session")
        let sessions = try SessionQueries.active(of: person.id, now: call.now, in: transaction)
        guard let token = sessions.first(where: { $0.id == id && $0.kind == .program }) else {
            return .redirect(to: back)
        }
        return .asking(
            Confirmation(
                title: text("end-token.title", call, ["token": token.name]), button: "identity.end",
                lines: [text("end-token.about", call, ["name": person.name])], action: "\(back)/sessions/\(id)",
                back: back))
    }

    /// How many browsers are signed out, and which programs stop working.
    private static func facts(_ sessions: [Session], _ call: Call) -> [(label: String, value: String)] {
        let programs = sessions.filter { $0.kind == .program }.map(\.name).sorted()
        let named = programs.prefix(20).joined(separator: ", ") + (programs.count > 20 ? " …" : "")
        let browsers = (label: text("out.browsers", call), value: call.format.count(sessions.count - programs.count))
        return programs.isEmpty ? [browsers] : [browsers, (label: text("out.programs", call), value: named)]
    }

    private static func text(_ key: String, _ call: Call, _ values: [String: String] = [:]) -> String {
        IdentityPages.set.text("identity." + key, call.language, values)
    }
}
