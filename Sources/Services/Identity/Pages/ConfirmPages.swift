import Directory
import Storage
import Values
import Web

/// Proving once more who sits before the browser, in the way one signs in, for what asks for a fresh proof
/// (``Endpoint/proof``, X28). The session stays the same one; its token is a new one, which says when.
struct ConfirmPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordDesk

    var endpoints: [Endpoint] { [page, confirm] }

    private var page: Endpoint {
        .page(EndpointRunner.proofPage, "Confirm who you are", access: .staff) { call, transaction in
            try ConfirmPages.filled(call, next: call.query("next"), transaction)
        }
    }

    private var confirm: Endpoint {
        // Not idempotent: what is kept of an idempotent form is a quick hash of its fields.
        var endpoint = Endpoint.form(
            EndpointRunner.proofPage, "Confirm who you are", access: .staff, idempotent: false,
            again: { call, problem, transaction in
                guard problem.status != 403 else { return nil }
                return try ConfirmPages.filled(call, next: call.field("next"), transaction)
            }
        ) { [commands, desk] call, transaction in
            try desk.confirm(call, in: transaction)
            // Whoever comes over the socket needs no proof.
            guard let session = call.session else { throw Problem(403, "identity.no-browser") }
            let renewed = try commands.proveAgain(session, Act(call, transaction))
            var answer = Answer.redirect(to: Preferences.localPath(call.field("next")))
            answer.cookies = [renewed.cookie(now: call.now)]
            return answer
        }
        endpoint.before = { [desk] call in try desk.present(call, call.field("password")) }
        return endpoint
    }

    private static func filled(_ call: Call, next: String?, _ transaction: any Transaction) throws -> Answer {
        let person = try call.person()
        return .page(
            "identity/confirm", title: "identity.confirm",
            [
                "next": .text(Preferences.localPath(next)), "email": .text(MailAddress.shown(person.email)),
                "unsent": .flag(call.query("unsent") != nil),
                "hasPassword": .flag(try PeopleQueries.hasPassword(person.id, in: transaction)),
            ])
    }
}
