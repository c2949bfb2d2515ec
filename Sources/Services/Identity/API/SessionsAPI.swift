import Directory
import Schemas
import Storage
import Values
import Web

/// Signing in and out, tokens and keys, for programs and for the command line.
struct SessionsAPI: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [signIn, mine, end, endMine, ofPerson, endOfPerson, createToken, keys] }

    private struct SignIn: Shaped {
        let email: String
        let password: String

        static let shape = Shape("SignIn", SignIn.init) {
            Field("email", \.email, .text(1...254), "E-mail address")
            Field("password", \.password, .text(1...1000), "Password")
        }
    }

    private struct NewToken: Shaped {
        let name: String
        let days: Int64?
        let scopes: [String]?

        static let shape = Shape("NewToken", NewToken.init) {
            Field("name", \.name, .text(1...100), "What it is for")
            Field(
                "days", \.days, .optional(.integer(1...IdentitySettings.longestTokenDays)),
                "How long it is valid; 90 where it is not given")
            Field(
                "scopes", \.scopes, .optional(.list(.choice(Scope.all))),
                "What it may change, beside reading what its person may read; nothing where it is not given")
        }
    }

    private var signIn: Endpoint {
        var endpoint = Endpoint.command(
            .post, "/api/sessions", "Sign in", access: .anyone, takes: SignIn.self, gives: NewSession.resource.schema,
            // A stored answer would be a stored credential. Signing in twice makes two sessions, which does no harm.
            idempotent: false
        ) { [desk] call, _, transaction in
            let begun = try desk.signIn(call, in: transaction)
            let session = begun.session
            var answer = Answer.created(session, as: NewSession.resource, at: "/api/sessions/\(session.id)")
            answer.cookies.append(begun.browser)
            return answer
        }
        endpoint.before = { [desk] call in
            let body = try call.found(SignIn.self)
            return try desk.sign(call, email: body.email, password: body.password)
        }
        return endpoint
    }

    private var mine: Endpoint {
        .read("/api/sessions", "One's own sessions", access: .staff, gives: .page(of: Session.resource.schema)) {
            call, transaction in
            let sessions = try SessionQueries.active(of: call.person().id, now: call.now, in: transaction)
            return .json(ListPart(sessions), as: Session.resource)
        }
    }

    private var end: Endpoint {
        .command(
            .delete, "/api/sessions/{session}", "End a session: one's own, or, for admins, anybody's", access: .staff,
            idempotent: false
        ) { [commands] call, transaction in
            let caller = try call.person()
            let session = try SessionQueries.find(call.id("session"), in: transaction)
            guard session.person == caller.id || caller.holds(anyOf: [Role.admin]) else { throw Problem.notFound }
            try commands.endSession(session.id, of: session.person, CommandContext(call, transaction))
            return .nothing
        }
    }

    private var endMine: Endpoint {
        .command(
            .delete, "/api/sessions", "Sign out everywhere, tokens for programs included", access: .staff,
            idempotent: false
        ) { [commands] call, transaction in
            try commands.endSessions(of: call.person().id, CommandContext(call, transaction))
            return .nothing
        }
    }

    private var ofPerson: Endpoint {
        .read(
            "/api/people/{person}/sessions", "The sessions and tokens of a person", access: PeopleAPI.admin,
            gives: .page(of: Session.resource.schema)
        ) { call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            let sessions = try SessionQueries.active(of: person.id, now: call.now, in: transaction)
            return .json(ListPart(sessions), as: Session.resource)
        }
    }

    private var endOfPerson: Endpoint {
        .command(
            .delete, "/api/people/{person}/sessions", "End every session and token of a person",
            access: PeopleAPI.admin, idempotent: false
        ) { [commands] call, transaction in
            try commands.endSessions(of: call.id("person"), CommandContext(call, transaction))
            return .nothing
        }
    }

    private var createToken: Endpoint {
        Endpoint.command(
            .post, "/api/people/{person}/tokens", "Make a token for a program that acts as this person",
            access: PeopleAPI.admin, takes: NewToken.self, gives: NewSession.resource.schema,
            // A stored answer would be a stored credential. A duplicate token shows in the list and can be ended there.
            idempotent: false
        ) { [commands] call, body, transaction in
            let token = try commands.createToken(
                for: call.id("person"), name: body.name, days: body.days ?? 90, scopes: Set(body.scopes ?? []),
                granting: call.scopes, CommandContext(call, transaction))
            return .created(token, as: NewSession.resource, at: "/api/sessions/\(token.id)")
        }.needing(.wayIn)
    }

    private struct PublicKey: Shown {
        let key: Directory.Key

        static let resource = Resource<PublicKey>("Key") {
            Field("kty", { _ in "EC" }, "EC")
            Field("crv", { _ in "P-256" }, "P-256")
            Field("alg", { _ in "ES256" }, "ES256")
            Field("use", { _ in "sig" }, "sig")
            Field("kid", \.key.id, "The key's id")
            Field("x", { Base64URL.encode($0.key.publicKey[1..<33]) }, "Base64url")
            Field("y", { Base64URL.encode($0.key.publicKey[33..<65]) }, "Base64url")
        }
    }

    private struct KeySet: Sendable {
        let keys: [PublicKey]

        static let resource = Resource<KeySet>("KeySet") { Field("keys", \.keys, "The keys") }
    }

    private var keys: Endpoint {
        .read(
            "/api/keys", "The public keys that tokens are signed with (JWKS, RFC 7517)", access: .anyone,
            gives: KeySet.resource
        ) { call, transaction in
            let keys = try Directory.keys(in: transaction).filter { $0.until > call.now && $0.publicKey.count == 65 }
            return KeySet(keys: keys.map { PublicKey(key: $0) })
        }
    }
}
