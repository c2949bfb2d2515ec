import Directory
import Storage
import Values
import Web

/// Proving once more who sits before the browser, in the way one signs in, for what asks for a fresh proof
/// (``Endpoint/needsProof``, X28). The session stays the same one; its token is a new one, which says when.
struct ConfirmPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordDesk

    var endpoints: [Endpoint] { [page, confirm] }

    private var page: Endpoint {
        .page(EndpointRunner.proofPage, "Confirm who you are", access: .staff) { call, transaction in
            try ConfirmPages.filled(call, next: call.query("next"), [:], status: 200, transaction)
        }
    }

    private var confirm: Endpoint {
        // Not idempotent: what is kept of an idempotent form is a quick hash of its fields.
        var endpoint = Endpoint.form(
            EndpointRunner.proofPage, "Confirm who you are", access: .staff, idempotent: false
        ) { [commands, desk] call, transaction in
            let next = call.field("next")
            switch desk.outcome(call) {
            case .right:
                guard let session = call.session, try desk.confirm(call, in: transaction) else {
                    return try ConfirmPages.filled(call, next: next, ["wrong": true], status: 422, transaction)
                }
                let renewed = try commands.proveAgain(session, Act(call, transaction))
                var answer = Answer.redirect(to: Preferences.localPath(next))
                answer.cookies = [renewed.cookie(now: call.now)]
                return answer
            case .wrong: return try ConfirmPages.filled(call, next: next, ["wrong": true], status: 422, transaction)
            case .wait(let seconds):
                var answer = try ConfirmPages.filled(
                    call, next: next, ["wait": .text(String(seconds))], status: 429, transaction)
                answer.headers.append(("Retry-After", String(seconds)))
                return answer
            }
        }
        endpoint.before = { [desk] call in
            try desk.attempt(call, email: call.person().email, password: call.field("password"))
        }
        return endpoint
    }

    private static func filled(
        _ call: Call, next: String?, _ more: [String: Model], status: Int, _ transaction: any Transaction
    ) throws -> Answer {
        let person = try call.person()
        let model: [String: Model] = [
            "next": .text(Preferences.localPath(next)), "email": .text(MailAddress.shown(person.email)),
            "hasPassword": .flag(try PeopleQueries.hasPassword(person.id, in: transaction)),
        ]
        return .page(
            "identity/confirm", title: "identity.confirm", .object(model.merging(more) { $1 }), status: status)
    }
}
