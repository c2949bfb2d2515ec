import Foundation
import Schemas
import Values

/// A request that has passed every check that needs no database.
struct Plan: Sendable {
    let request: WebRequest
    let endpoint: Endpoint
    let language: Language
    let pathValues: [String: String]
    let queryValues: [String: String]
    let formValues: [String: String]
    let body: [UInt8]
    let finding: Authenticator.Finding
    /// The token came in a cookie, or there is none. So the request may come from a browser, and another site may have
    /// caused it.
    let byBrowser: Bool
    let claim: Idempotency.Claim?
    /// The value of the cookie that anonymous forms are bound to, if it must be set now.
    let newFormCookie: String?
    let environment: Environment
    /// When the request arrived.
    let at: Instant
    let company: Company
    let forms: FormGuard
    var prepared = Prepared()
    /// The caller, if the guard has passed in another transaction: on the primary, before a page is read from the
    /// replica.
    var admitted: Caller?

    /// Whether the request says who its caller is.
    var namesCaller: Bool {
        if case .nobody = finding { request.credential != .headers } else { true }
    }

    func call(_ caller: Caller?) -> Call {
        var call = Call(
            caller: caller?.person, session: caller?.session, scopes: caller?.scopes,
            isProven: caller.map { EndpointRunner.isFresh($0.proven, at: at) } ?? false, language: language,
            company: company,
            environment: environment, trace: request.id, location: request.path, pathValues: pathValues,
            queryValues: queryValues, formValues: formValues, body: body,
            csrf: endpoint.kind == .api ? "" : csrf(caller?.session),
            address: request.address)
        call.signature = request.headers.signature
        call.headers = request.headers
        call.writtenQuery = request.query
        call.prepared = prepared
        return call
    }

    static let freshCookie = "popug_fresh"

    /// Whether the data may be slightly old. This is so for pages, unless the reader has just sent a form. Programs
    /// always see the current data.
    var mayBeLate: Bool {
        let isPage = endpoint.kind == .page || endpoint.kind == .fragment
        return isPage && request.headers.cookie(named: Plan.freshCookie) == nil
    }

    /// The topics that have changed since the page was made, if its script asks for changes.
    var movedTopics: Set<String>? {
        guard let live = request.headers.live, endpoint.kind == .page else { return nil }
        return Set(live.parts(at: " "))
    }

    /// The result of the form that led here, for this page to show.
    var said: Said? {
        guard endpoint.kind == .page, let text = request.headers.cookie(named: Said.cookie) else { return nil }
        return Said.opened(text, forms)
    }

    func csrf(_ session: ID?) -> String {
        if let session { return forms.token(session: session) }
        let cookie = newFormCookie ?? request.headers.cookie(named: FormGuard.cookie) ?? ""
        return cookie.isEmpty ? "" : forms.token(anonymous: cookie)
    }
}

extension EndpointRunner {
    /// Checks everything that can be checked without the database.
    /// - Throws: ``Problem`` or ``FieldProblems``.
    func plan(_ request: WebRequest, _ endpoint: Endpoint, _ values: [String: String]) throws -> Plan {
        // Checked before anything else is read of the request or done for it.
        guard endpoint.access != .inside || isInside(request) else { throw Problem.notFound }
        guard request.body.count <= endpoint.bodyLimit else { throw EndpointRunner.tooLarge(endpoint.bodyLimit) }
        let query = try NamedValues(request.query)
        if endpoint.kind == .api { try EndpointRunner.check(query, endpoint.query) }
        let token = EndpointRunner.token(of: request)
        try checkOrigin(request, endpoint)
        var body = request.body
        var fields: [String: String] = [:]
        var prepared = Prepared()
        if endpoint.kind == .form {
            let form = try FormBody(request.body, contentType: request.headers.contentType)
            fields = form.fields
            body = form.file
        } else if let schema = endpoint.takes {
            prepared = try EndpointRunner.read(request, schema, endpoint.reader)
        }
        let claim = try claim(request, endpoint, fields, body)
        // Also needed for a caller with a session: if the session has ended, the forms are an anonymous caller's.
        let lacksFormCookie =
            [.page, .form].contains(endpoint.kind) && request.isByBrowser
            && (request.headers.cookie(named: FormGuard.cookie) ?? "").isEmpty
        return Plan(
            request: request, endpoint: endpoint, language: language(of: request), pathValues: values,
            queryValues: query.last, formValues: fields, body: body, finding: authenticator.look(at: token),
            byBrowser: request.isByBrowser, claim: claim,
            newFormCookie: lacksFormCookie ? Base64URL.encode(context.environment.randomBytes(18)) : nil,
            environment: context.environment, at: context.environment.now(), company: context.company,
            forms: context.forms, prepared: prepared)
    }

    /// Checks, by the browser's own headers, whether another site may have caused the request.
    func checkOrigin(_ request: WebRequest, _ endpoint: Endpoint) throws {
        guard !endpoint.reads, !endpoint.isLanding, request.isByBrowser,
            endpoint.kind == .form || EndpointRunner.token(of: request) != nil
        else { return }
        guard context.forms.ownOrigin(request.headers) else { throw Problem(403, "web.origin") }
    }

    /// The 413 problem for a body of more than `limit` bytes.
    package static func tooLarge(_ limit: Int) -> Problem {
        Problem(413, "web.too-large", values: ["limit": "\(max(1, limit / 1024)) KiB"])
    }

    /// The request's token: a program's header has priority over a browser's cookie.
    static func token(of request: WebRequest) -> String? {
        guard request.credential == .headers else { return nil }
        if let header = request.headers.authorization {
            let parts = header.parts(at: " ", most: 2)
            // Anything else in the header is a credential too, but an invalid one.
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return "" }
            return parts[1].trimmed()
        }
        guard let cookie = request.headers.cookie(named: sessionCookie), !cookie.isEmpty else { return nil }
        return cookie
    }

    func language(of request: WebRequest) -> Language {
        Preferences.language(
            cookie: request.headers.cookie(named: Preferences.languageCookie),
            acceptLanguage: request.headers.acceptLanguage)
    }

    private static func check(_ query: NamedValues, _ parameters: [Parameter]) throws {
        var problems: [Problem] = []
        var seen: Set<String> = []
        for (name, value) in query.pairs {
            guard let parameter = parameters.first(where: { $0.name == name }) else {
                problems.append(.invalid(name.beginning(100), "web.unknown-parameter"))
                continue
            }
            if !seen.insert(name).inserted { problems.append(.invalid(name, "web.repeated-parameter")) }
            // An empty parameter counts as not given.
            if !value.isEmpty, let (key, values) = parameter.schema.complaint(aboutParameter: value) {
                problems.append(.invalid(name, key, values: values))
            }
        }
        if !problems.isEmpty { throw FieldProblems(problems) }
    }

    /// Checks the body against its schema, and reads it.
    private static func read(
        _ request: WebRequest, _ schema: Schema, _ reader: Endpoint.Reader?
    ) throws -> Prepared {
        var prepared = Prepared()
        let type = (request.headers.contentType ?? "").before(";").trimmed().lowercased()
        if case .optional = schema, request.body.isEmpty { return prepared }
        guard type == "application/json" else {
            throw Problem(415, "web.content-type", values: ["expected": "application/json"])
        }
        let json = try EndpointRunner.json(request.body)
        let problems = schema.problems(with: json)
        if !problems.isEmpty { throw FieldProblems(problems) }
        do {
            try reader?(json, &prepared)
        } catch {
            throw Problem.invalid(error.place, "web.value")
        }
        return prepared
    }

    private static func json(_ body: [UInt8]) throws -> JSONText {
        do {
            return try JSONText(body)
        } catch let broken as BrokenJSON {
            throw Problem.broken(broken)
        }
    }

    private func claim(
        _ request: WebRequest, _ endpoint: Endpoint, _ fields: [String: String], _ body: [UInt8]
    ) throws -> Idempotency.Claim? {
        guard endpoint.idempotent else { return nil }
        let name = "\(endpoint.method.rawValue) \(endpoint.path)"
        let secrets = endpoint.secrets
        if endpoint.kind == .form {
            guard let key = fields["once"], Idempotency.valid(key) else { throw Problem(400, "web.once-missing") }
            let told = fields.filter { !secrets.contains($0.key) }
            return Idempotency.Claim(
                key: "once:" + key, endpoint: name,
                hash: Idempotency.hash(target: request.target, fields: told, file: body, key: context.requests))
        }
        guard let key = request.headers.idempotencyKey else { throw Problem(400, "web.key-missing") }
        guard Idempotency.valid(key) else { throw Problem(400, "web.key-invalid") }
        let told = try EndpointRunner.without(secrets, body)
        return Idempotency.Claim(
            key: key, endpoint: name,
            hash: Idempotency.hash(target: request.target, body: told, key: context.requests))
    }

    /// The body without its secret members.
    private static func without(_ secrets: Set<String>, _ body: [UInt8]) throws -> [UInt8] {
        guard !secrets.isEmpty, case .object(let members) = try json(body) else { return body }
        return Array(JSONText.object(members.filter { !secrets.contains($0.name) }).written.utf8)
    }
}
