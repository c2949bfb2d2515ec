import Directory
import Foundation
import Storage
import Values
import Web

/// Signing in and out, tokens and keys, for programs and for the command line.
struct SessionsAPI: Sendable {
    let commands: IdentityCommands
    let desk: PasswordDesk

    var endpoints: [Endpoint] { [signIn, mine, end, endMine, ofPerson, endOfPerson, createToken, keys] }

    private struct SignIn: Decodable {
        let email: String
        let password: String
    }

    private struct TokenRequest: Decodable {
        let name: String
        let days: Int64?
        let scopes: [String]?
    }

    private var signIn: Endpoint {
        var endpoint = Endpoint.command(
            .post, "/api/sessions", "Sign in", access: .anyone,
            takes: .object(
                "SignIn",
                [
                    .init("email", .text(1...254), "E-mail address"),
                    .init("password", .text(1...1000), "Password"),
                ]),
            gives: NewSessionView.schema,
            // A stored answer would be a stored credential; signing in twice makes two sessions, and no harm.
            idempotent: false
        ) { [desk] call, transaction in
            let email = try call.decode(SignIn.self).email
            let (session, browser) = try desk.signIn(call, email: email, in: transaction)
            var answer = try Answer.created(NewSessionView(session), at: "/api/sessions/\(session.id)")
            answer.cookies.append(browser)
            return answer
        }
        endpoint.before = { [desk] call in
            let body = try call.decode(SignIn.self)
            return try desk.sign(call, email: body.email, password: body.password)
        }
        return endpoint
    }

    private var mine: Endpoint {
        .read("/api/sessions", "One's own sessions", access: .staff, gives: .page(of: SessionView.schema)) {
            call, transaction in
            let sessions = try SessionQueries.active(of: call.person().id, now: call.now, in: transaction)
            return try .json(ListPage(items: sessions.map(SessionView.init), next: nil))
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
            try commands.endSession(session.id, of: session.person, Act(call, transaction))
            return .nothing
        }
    }

    private var endMine: Endpoint {
        .command(
            .delete, "/api/sessions", "Sign out everywhere, tokens for programs included", access: .staff,
            idempotent: false
        ) { [commands] call, transaction in
            try commands.endSessions(of: call.person().id, Act(call, transaction))
            return .nothing
        }
    }

    private var ofPerson: Endpoint {
        .read(
            "/api/people/{person}/sessions", "The sessions and tokens of a person", access: PeopleAPI.admin,
            gives: .page(of: SessionView.schema)
        ) { call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            let sessions = try SessionQueries.active(of: person.id, now: call.now, in: transaction)
            return try .json(ListPage(items: sessions.map(SessionView.init), next: nil))
        }
    }

    private var endOfPerson: Endpoint {
        .command(
            .delete, "/api/people/{person}/sessions", "End every session and token of a person",
            access: PeopleAPI.admin, idempotent: false
        ) { [commands] call, transaction in
            try commands.endSessions(of: call.id("person"), Act(call, transaction))
            return .nothing
        }
    }

    private var createToken: Endpoint {
        Endpoint.command(
            .post, "/api/people/{person}/tokens", "Make a token for a program that acts as this person",
            access: PeopleAPI.admin,
            takes: .object(
                "NewToken",
                [
                    .init("name", .text(1...100), "What it is for"),
                    .init(
                        "days", .optional(.integer(1...IdentitySettings.longestTokenDays)),
                        "How long it is valid; 90 where it is not given"),
                    .init(
                        "scopes", .optional(.list(.choice(Scope.all))),
                        "What it may change, beside reading what its person may read; nothing where it is not given"),
                ]),
            gives: NewSessionView.schema,
            // A stored answer would be a stored credential; a token too many is seen in the list and ended there.
            idempotent: false
        ) { [commands] call, transaction in
            let body = try call.decode(TokenRequest.self)
            let token = try commands.createToken(
                for: call.id("person"), name: body.name, days: body.days ?? 90, scopes: Set(body.scopes ?? []),
                granting: call.scopes, Act(call, transaction))
            return try .created(NewSessionView(token), at: "/api/sessions/\(token.id)")
        }.needing(.fresh)
    }

    private struct KeySet: Encodable {
        struct Key: Encodable {
            let kty = "EC"
            let crv = "P-256"
            let alg = "ES256"
            let use = "sig"
            let kid: String
            let x: String
            let y: String
        }
        let keys: [Key]
    }

    private var keys: Endpoint {
        .read(
            "/api/keys", "The public keys that tokens are signed with (JWKS, RFC 7517)", access: .anyone,
            gives: .object(
                "KeySet",
                [
                    .init(
                        "keys",
                        .list(
                            .object(
                                "Key",
                                [
                                    .init("kty", .string, "EC"), .init("crv", .string, "P-256"),
                                    .init("alg", .string, "ES256"), .init("use", .string, "sig"),
                                    .init("kid", .string, "The key's id"), .init("x", .string, "Base64url"),
                                    .init("y", .string, "Base64url"),
                                ])), "The keys")
                ])
        ) { call, transaction in
            let keys = try Directory.keys(in: transaction).filter { $0.until > call.now && $0.publicKey.count == 65 }
            return try .json(
                KeySet(
                    keys: keys.map {
                        KeySet.Key(
                            kid: $0.id, x: Base64URL.encode($0.publicKey[1..<33]),
                            y: Base64URL.encode($0.publicKey[33..<65]))
                    }))
        }
    }
}
