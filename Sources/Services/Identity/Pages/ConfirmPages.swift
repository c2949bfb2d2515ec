import Directory
import Storage
import Values
import Web

/// Asks people to prove again who they are, in the same way as they sign in, before an endpoint that needs a fresh
/// proof (``Endpoint/proof``, X28). The session stays the same; it gets a new token, which has the time of the proof.
struct ConfirmPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [page, confirm, passkey] }

    private var page: Endpoint {
        .page(EndpointRunner.proofPage, "Confirm who you are", access: .staff) { [commands] call, transaction in
            try ConfirmPages.filled(call, commands, next: call.query("next"), transaction)
        }
    }

    private var confirm: Endpoint {
        // Not idempotent: an idempotent form would store a quick hash of its fields.
        var endpoint = Endpoint.form(
            EndpointRunner.proofPage, "Confirm who you are", access: .staff, idempotent: false,
            again: { [commands] call, problem, transaction in
                guard problem.status != 403 else { return nil }
                return try ConfirmPages.filled(call, commands, next: call.field("next"), transaction)
            }
        ) { [commands, desk] call, transaction in
            try desk.confirm(call, in: transaction)
            return try ConfirmPages.proven(
                call, commands, next: call.field("next"), but: .password, transaction)
        }
        endpoint.before = { [commands, desk] call in
            let person = try call.person()
            // Before the password is tried: a right one must not count as a failure.
            guard try !desk.look({ try ConfirmPages.mustUsePasskey(person, commands, $0) }) else {
                throw ConfirmPages.passkeyNeeded
            }
            return try desk.present(call, call.field("password"))
        }
        return endpoint
    }

    private var passkey: Endpoint {
        var endpoint = Endpoint.form(
            "/confirm/passkey", "Confirm who you are with a passkey", access: .staff, idempotent: false,
            again: { [commands] call, problem, transaction in
                guard [401, 429].contains(problem.status) else { return nil }
                return try ConfirmPages.filled(call, commands, next: call.field("next"), transaction)
            }
        ) { [commands, desk] call, transaction in
            let person = try PasskeyWork(commands: commands, desk: desk).owner(call, in: transaction)
            guard person.id == call.caller?.id else { throw PasskeyWork.wrong }
            let slots = desk.throttle.slots(call, email: person.email)
            try desk.throttle.succeed(slots, person: person.id, now: call.now, in: transaction)
            return try ConfirmPages.proven(
                call, commands, next: call.field("next"), but: .passkey, transaction)
        }
        endpoint.before = { [commands, desk] call in
            guard let session = call.session else { throw Problem(403, "identity.no-browser") }
            return try PasskeyWork(commands: commands, desk: desk).take(
                call, of: call.person().id, bound: session.bytes)
        }
        return endpoint
    }

    /// Back to where the person was going, with a token that has the time of the proof.
    /// - Parameter way: how they proved who they are.
    /// - Throws: a 403 problem if their roles need a passkey.
    static func proven(
        _ call: Call, _ commands: IdentityCommands, next: String, but way: Way, _ transaction: any Transaction
    ) throws -> Answer {
        guard try way == .passkey || !mustUsePasskey(call.person(), commands, transaction) else {
            throw passkeyNeeded
        }
        // A caller on the command-line socket needs no proof.
        guard let session = call.session else { throw Problem(403, "identity.no-browser") }
        let renewed = try commands.proveAgain(session, CommandContext(call, transaction))
        var answer = Answer.redirect(to: Preferences.localPath(next))
        answer.cookies = [renewed.cookie(now: call.now)]
        return answer
    }

    private static let passkeyNeeded = Problem(403, "identity.confirm-passkey")

    /// Whether the password does not do. Whoever needs a passkey and has none yet makes it after a password.
    private static func mustUsePasskey(
        _ person: Person, _ commands: IdentityCommands, _ transaction: any Transaction
    ) throws -> Bool {
        try commands.wantsPasskey(person) && PasskeyQueries.has(person.id, in: transaction)
    }

    static func filled(
        _ call: Call, _ commands: IdentityCommands, next: String?, _ transaction: any Transaction
    ) throws -> Answer {
        let person = try call.person()
        let options =
            try call.session.map { session in
                try commands.requestOptions(
                    for: person.id, bound: session.bytes, call.environment, in: transaction)
            } ?? ""
        let hasPassword = try PeopleQueries.hasPassword(person.id, in: transaction)
        let mustUsePasskey = try mustUsePasskey(person, commands, transaction)
        let company = try !mustUsePasskey && commands.hasCompanyAccount(person.id, in: transaction)
        return .page(
            "identity/confirm", title: "identity.confirm",
            [
                "next": .text(Preferences.localPath(next)), "email": .text(MailAddress.shown(person.email)),
                "unsent": .flag(call.query("unsent") != nil),
                "options": .text(options), "hasPassword": .flag(hasPassword && !mustUsePasskey),
                "hasNeither": .flag(options.isEmpty && !company && (!hasPassword || mustUsePasskey)),
                "company": .flag(company),
                "companyDoes": .text(CompanyPages.text("confirm", call, commands)),
                "companyPath": .text(
                    EndpointRunner.proofPage + "/company?next=" + PercentCoding.encode(Preferences.localPath(next))),
                "mustUsePasskey": .flag(mustUsePasskey),
            ])
    }
}
