import Directory
import Storage
import Values
import Web

/// Asks people to prove again who they are, in the same way as they sign in, before an endpoint that needs a fresh
/// proof (``Endpoint/proof``, X28). The session stays the same; it gets a new token, which has the time of the proof.
struct ConfirmPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [page, confirm] }

    private var page: Endpoint {
        .page(EndpointRunner.proofPage, "Confirm who you are", access: .staff) { call, transaction in
            try ConfirmPages.filled(call, next: call.query("next"), transaction)
        }
    }

    private var confirm: Endpoint {
        // Not idempotent: an idempotent form would store a quick hash of its fields.
        var endpoint = Endpoint.form(
            EndpointRunner.proofPage, "Confirm who you are", access: .staff, idempotent: false,
            again: { call, problem, transaction in
                guard problem.status != 403 else { return nil }
                return try ConfirmPages.filled(call, next: call.field("next"), transaction)
            }
        ) { [commands, desk] call, transaction in
            try desk.confirm(call, in: transaction)
            // A caller on the command-line socket needs no proof.
            guard let session = call.session else { throw Problem(403, "identity.no-browser") }
            let renewed = try commands.proveAgain(session, CommandContext(call, transaction))
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
