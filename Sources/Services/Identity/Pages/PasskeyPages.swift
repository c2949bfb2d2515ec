import Directory
import Storage
import Values
import Web

/// One's passkeys: making, naming and removing them, and signing in with one.
struct PasskeyPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] {
        [options, signIn, new, make, rename, askOwn, removeOwn, askOthers, removeOthers]
    }

    private var work: PasskeyWork { PasskeyWork(commands: commands, desk: desk) }

    // MARK: Signing in

    /// What the partial template `identity/passkey-sign-in` needs.
    static func signInModel(_ commands: IdentityCommands) -> [String: Model] {
        ["passkeys": .flag(commands.party != nil)]
    }

    private var options: Endpoint {
        // A page's own: for its script, and not for programs.
        .page("/sign-in/passkey/options", "What a browser uses a passkey with, as JSON", access: .anyone) {
            [commands] call, transaction in
            guard commands.party != nil else { throw Problem.notFound }
            let json = try commands.requestOptions(call.environment, in: transaction)
            return Answer(status: 200, content: .bytes(Array(json.utf8), type: "application/json"))
        }
    }

    private var signIn: Endpoint {
        var endpoint = Endpoint.form(
            "/sign-in/passkey", "Sign in with a passkey", access: .anyone, idempotent: false,
            again: { [commands] call, problem, _ in
                [401, 429].contains(problem.status) ? SignInPages.filled(call, commands) : nil
            }
        ) { [desk, work] call, transaction in
            let person = try work.owner(call, in: transaction)
            return try desk.arrivals.enter(call, person, ways: [.passkey], next: call.field("next"), in: transaction)
        }
        endpoint.before = { [work] call in try work.take(call) }
        return endpoint
    }

    // MARK: Making

    private var new: Endpoint {
        .page("/me/passkeys/new", "Make a passkey", access: .staff) { [commands] call, transaction in
            try PasskeyPages.filled(call, commands, transaction)
        }.needing(.personal)
    }

    private var make: Endpoint {
        .form(
            "/me/passkeys", "Make a passkey", access: .staff,
            again: { [commands] call, problem, transaction in
                [409, 422].contains(problem.status) ? try PasskeyPages.filled(call, commands, transaction) : nil
            }
        ) { [commands] call, transaction in
            let name = PasskeyPages.name(call)
            try commands.addPasskey(
                call.field("response"), named: name, of: call.person().id, bound: PasskeyPages.bound(call),
                CommandContext(call, transaction))
            return .redirect(to: "/me").saying("identity.notice.passkey", ["passkey": name.trimmed()])
        }.needing(.personal)
    }

    private static func filled(
        _ call: Call, _ commands: IdentityCommands, _ transaction: any Transaction
    ) throws -> Answer {
        guard commands.party != nil else { throw Problem.notFound }
        let options = try commands.creationOptions(
            for: call.person(), bound: bound(call), call.environment, in: transaction)
        return .page(
            "identity/passkey-new", title: "identity.passkey.new",
            ["options": .text(options), "typedName": .text(name(call))])
    }

    /// What the challenge for making one is bound to. A caller on the command-line socket has no session.
    private static func bound(_ call: Call) -> [UInt8] { call.session?.bytes ?? [] }

    /// As it was typed, or what the browser says of the device.
    static func name(_ call: Call) -> String {
        let typed = call.field("name")
        guard typed.trimmed().isEmpty else { return typed.beginning(200) }
        let device = DeviceName.of(call.agent)
        return device.isEmpty ? IdentityPages.set.text("identity.passkey.nameless", call.language) : device
    }

    // MARK: Keeping

    private var rename: Endpoint {
        .form(
            "/me/passkeys/{passkey}/name", "Rename a passkey", access: .staff,
            again: { [commands] call, problem, transaction in
                problem.status == 422 ? try MePages.filled(call, commands, transaction) : nil
            }
        ) { [commands] call, transaction in
            let name = call.field("name")
            try commands.renamePasskey(
                call.id("passkey"), of: call.person().id, to: name, CommandContext(call, transaction))
            return .redirect(to: "/me").saying("identity.notice.passkey-renamed", ["passkey": name.trimmed()])
        }
    }

    private var askOwn: Endpoint {
        .page("/me/passkeys/{passkey}", "What removing one's passkey does", access: .staff) {
            [commands] call, transaction in
            try PasskeyPages.asking(of: call.person(), back: "/me", own: true, commands, call, transaction)
        }.needing(.personal)
    }

    private var removeOwn: Endpoint {
        .form("/me/passkeys/{passkey}", "Remove one's passkey", access: .staff) { [commands] call, transaction in
            let removed = try commands.removePasskey(
                call.id("passkey"), of: call.person().id, CommandContext(call, transaction))
            return .redirect(to: "/me").saying("identity.notice.passkey-removed", ["passkey": removed.name])
        }.needing(.personal)
    }

    private var askOthers: Endpoint {
        .page(
            "/people/{person}/passkeys/{passkey}", "What removing a person's passkey does", access: PeopleAPI.admin
        ) { [commands] call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            return try PasskeyPages.asking(
                of: person, back: "/people/\(person.id)", own: false, commands, call, transaction)
        }.needing(.wayIn)
    }

    private var removeOthers: Endpoint {
        .form("/people/{person}/passkeys/{passkey}", "Remove a person's passkey", access: PeopleAPI.admin) {
            [commands] call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            let removed = try commands.removePasskey(
                call.id("passkey"), of: person.id, CommandContext(call, transaction))
            return .redirect(to: "/people/\(person.id)").saying(
                "identity.notice.passkey-removed", ["passkey": removed.name])
        }.needing(.wayIn)
    }

    /// Asks before a passkey is removed.
    /// - Parameter back: the page that it is listed on.
    private static func asking(
        of person: Person, back: String, own: Bool, _ commands: IdentityCommands, _ call: Call,
        _ transaction: any Transaction
    ) throws -> Answer {
        let id = try call.id("passkey")
        guard let passkey = try PasskeyQueries.find(id, of: person.id, commands.sealing, in: transaction) else {
            return .redirect(to: back)
        }
        func text(_ key: String) -> String {
            IdentityPages.set.text(
                "identity.passkey.remove." + key, call.language, ["passkey": passkey.name, "name": person.name])
        }
        return .asking(
            Confirmation(
                title: text("title"), button: "identity.passkey.remove", lines: [text(own ? "own" : "others")],
                action: "\(back)/passkeys/\(id)", back: back))
    }

    // MARK: Lists

    /// The parts of one's own page and of a person's page about passkeys and recovery codes.
    static func model(
        of person: ID, removedAt path: String, _ commands: IdentityCommands, _ transaction: any Transaction
    ) throws -> [String: Model] {
        let passkeys = try PasskeyQueries.of(person, commands.sealing, in: transaction)
        let codes = try PasskeyQueries.codes(of: person, in: transaction)
        return [
            "passkeysPossible": .flag(commands.party != nil), "hasPasskeys": .flag(!passkeys.isEmpty),
            "mayMakePasskey": .flag(commands.party != nil && passkeys.count < Passkey.most),
            "passkeys": .list(
                passkeys.map { passkey in
                    [
                        "id": .text(passkey.id.description), "name": .text(passkey.name),
                        "remove": .text("\(path)/passkeys/\(passkey.id)"), "created": .time(passkey.created),
                        "used": .time(passkey.used), "suspect": .time(passkey.suspect),
                        "isForeign": .flag(passkey.credential == nil), "isBackedUp": .flag(passkey.isBackedUp),
                    ]
                }),
            "codesLeft": .text(String(codes)), "hasCodes": .flag(codes > 0),
        ]
    }
}
