import Directory
import Storage
import Values
import Web

/// Recovery codes: making and printing them, and signing in with one.
struct RecoveryPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [ask, make, page, use] }

    private var work: PasskeyWork { PasskeyWork(commands: commands, desk: desk) }

    private var ask: Endpoint {
        .page("/me/codes", "What making recovery codes does", access: .staff) { call, transaction in
            let left = try PasskeyQueries.codes(of: call.person().id, in: transaction)
            var confirmation = Confirmation(
                title: "identity.codes.new.title", button: "identity.codes.new",
                lines: ["identity.codes.new.about"] + (left > 0 ? ["identity.codes.new.old"] : []),
                action: "/me/codes", back: "/me")
            if left > 0 {
                let label = IdentityPages.set.text("identity.codes.left", call.language)
                confirmation.facts = [(label: label, value: String(left))]
            }
            return .asking(confirmation)
        }.needing(.personal)
    }

    private var make: Endpoint {
        // Not idempotent: a stored answer would be stored credentials.
        .form("/me/codes", "Make recovery codes; earlier ones stop working", access: .staff, idempotent: false) {
            [commands] call, transaction in
            let person = try call.person()
            let codes = try commands.makeCodes(of: person.id, CommandContext(call, transaction))
            return .page(
                "identity/codes", title: "identity.codes",
                [
                    "codes": .list(codes.map { .text($0.shown) }), "name": .text(person.name),
                    "email": .text(MailAddress.shown(person.email)),
                    "address": .text(call.company.publicAddress + "/sign-in/code"),
                ])
        }.needing(.personal)
    }

    private var page: Endpoint {
        .page("/sign-in/code", "Sign in with a recovery code", access: .anyone) { call, _ in
            RecoveryPages.filled(call)
        }
    }

    private var use: Endpoint {
        var endpoint = Endpoint.form(
            "/sign-in/code", "Sign in with a recovery code", access: .anyone, idempotent: false,
            again: { call, problem, _ in [401, 403, 429].contains(problem.status) ? RecoveryPages.filled(call) : nil }
        ) { [commands, desk, work] call, transaction in
            let person = try work.codeOwner(call, in: transaction) { person in
                // Two proofs are wanted of these people, and a code replaces only one.
                guard !commands.wantsPasskey(person) else { throw Problem(403, "identity.code-second") }
            }
            return try desk.arrivals.enter(call, person, ways: [.code], next: call.field("next"), in: transaction)
        }
        endpoint.before = { [work] call in try work.takeCode(call, email: call.field("email").trimmed()) }
        return endpoint
    }

    private static func filled(_ call: Call) -> Answer {
        .page(
            "identity/code", title: "identity.codes.sign-in",
            [
                "email": .text(call.field("email").beginning(254)),
                "next": .text(
                    Preferences.localPath(call.field("next").isEmpty ? call.query("next") : call.field("next"))),
            ])
    }
}
