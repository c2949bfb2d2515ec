import Schemas
import Storage

/// The declaration of one HTTP endpoint: who may call it, what it reads, its limits, and the synchronous function that
/// runs in a transaction. The HTTP server, the simulator and the OpenAPI document are all made from these.
package struct Endpoint: Sendable {
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// The kind of answer. It also decides how errors are shown, and how CSRF is checked.
    package enum Kind: Sendable {
        /// JSON for programs; errors are problem+json. Listed in the OpenAPI document.
        case api
        /// An HTML page; errors are pages.
        case page
        /// A part of a page. The entrance puts it into another service's page (`Answer/include(_:)`).
        case fragment
        /// The target of a page's form: `application/x-www-form-urlencoded` or `multipart/form-data`, with a CSRF
        /// token. It answers with a redirect, or with the page again and its errors.
        case form
    }

    /// Who may call it. Checked in the endpoint's own transaction against the service's Directory (X7).
    package enum Access: Sendable, Hashable {
        /// No sign-in needed.
        case anyone
        /// Any active member of the staff (X2).
        case staff
        /// Active people with at least one of these roles.
        case holding(Set<String>)
        /// Another process of the installation, or another service in this process. For everyone else the endpoint does
        /// not exist (404).
        case inside
    }

    package let kind: Kind
    package let method: Method
    /// `/api/tasks/{task}`: names in braces become ``Call/pathValues``.
    package let path: String
    package let access: Access
    /// One line for the API reference.
    package let summary: String
    package var details = ""
    /// The query parameters that it reads. For `.api`, any other parameter is an error.
    package var query: [Parameter] = []
    /// The JSON body it takes, for `.api`.
    package var takes: Schema?
    /// Reads the body into ``Call/prepared``, after the check against ``takes`` and before the transaction.
    var reader: Reader?
    typealias Reader = @Sendable (_ json: JSONText, _ prepared: inout Prepared) throws(JSONMismatch) -> Void
    /// The JSON it answers with, for `.api`.
    package var gives: Schema?
    /// Requires an `Idempotency-Key` (`.api`), or the hidden field `once` (`.form`). A repeated request gets the stored
    /// answer. Set it for every endpoint that creates something or moves money.
    package var idempotent = false
    /// The form's fields, or members of the body, that are secret, such as a password. They are left out of the hash
    /// that recognizes a repeated request: that hash is kept for days and is quick to compute, so it would be the place
    /// to guess them. So a repeat with another secret gets the first answer, and the first secret stays.
    package var secrets: Set<String> = []
    /// Whether the caller must have proved who they are within the last ten minutes, as at sign-in (X28). If not, a
    /// browser is sent to ``EndpointRunner/proofPage`` first.
    package var proof = Proof.none

    package enum Proof: Sendable, Hashable {
        case none
        /// Required of a person. A program with the scope may call it without.
        case fresh
        /// For what gives somebody a way in: a password, a link, a token, an address, roles. Required of a person. A
        /// program may call it without, if its token has every scope (``Scope/all``): with a way in of an admin's, it
        /// could do whatever any scope allows.
        case wayIn
        /// Required of a person. No program may call it.
        case personal
    }

    /// This endpoint, for callers who have just proved who they are.
    package func needing(_ proof: Proof) -> Endpoint {
        var endpoint = self
        endpoint.proof = proof
        return endpoint
    }

    /// This endpoint, with ``secrets``.
    package func hiding(_ names: String...) -> Endpoint {
        var endpoint = self
        endpoint.secrets.formUnion(names)
        return endpoint
    }

    /// Largest body in bytes; more is answered with 413.
    package var bodyLimit = 64 * 1024
    /// Work that must not delay the transaction: slow work, such as hashing a password, or a question to another
    /// service. The runner calls it on a worker thread, not on a database thread, after the body was read and checked.
    /// Unless access is `anyone`, the guard has then passed once in its own read transaction, so that ``Call/caller``
    /// is known. The returned call, with results in ``Call/prepared``, is used in the transaction, where the guard is
    /// checked again. An error that it throws is handled as if ``run`` had thrown it. It is not called for a replayed
    /// idempotency key. A request that it sends to another service must be safe to repeat.
    package var before: (@Sendable (_ call: Call) throws -> Call)?

    /// This endpoint, with the result of `ask`, which runs as ``before``. `run` gets the result from
    /// ``Call/found(_:)``.
    package func asking<T: Sendable>(_ ask: @escaping @Sendable (_ call: Call) throws -> T) -> Endpoint {
        var endpoint = self
        endpoint.before = { call in
            var call = call
            call.prepared[T.self] = try ask(call)
            return call
        }
        return endpoint
    }
    /// Whether ``before`` waits for a server of somebody else. It then runs on threads of its own, so that a server
    /// that does not answer keeps nobody from signing in with a password.
    package var waitsOutside = false
    /// Shows a refused form again, with what was typed and what is wrong. It runs in a read transaction, after
    /// everything that ``run`` did is rolled back. The answer gets the problem's status. If it returns `nil`, or there
    /// is no such function, the problem is shown on a page of its own.
    package var again: Again?
    package typealias Again =
        @Sendable (_ call: Call, _ problem: Problem, _ transaction: any Transaction) throws -> Answer?
    /// Whether the function only reads: it then runs in a read transaction and sees a snapshot.
    package let reads: Bool
    /// Whether another site sends the browser here. A request for anything else that changes something is refused if it
    /// comes from there.
    package let isLanding: Bool
    /// If it throws a problem, or answers with 400 or more, the transaction is rolled back and nothing is changed.
    package let run: @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer

    private init(
        kind: Kind, method: Method, path: String, access: Access, summary: String, reads: Bool,
        isLanding: Bool = false, run: @escaping @Sendable (Call, any Transaction) throws -> Answer
    ) {
        self.kind = kind
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.reads = reads
        self.isLanding = isLanding
        self.run = run
    }

    /// A look-up for programs: GET, read transaction.
    package static func read(
        _ path: String, _ summary: String, access: Access, query: [Parameter] = [], gives: Schema,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer
    ) -> Endpoint {
        var endpoint = Endpoint(
            kind: .api, method: .get, path: path, access: access, summary: summary, reads: true, run: run)
        endpoint.query = query
        endpoint.gives = gives
        return endpoint
    }

    /// A change by a program: one write transaction.
    package static func command(
        _ method: Method, _ path: String, _ summary: String, access: Access, takes: Schema? = nil, gives: Schema? = nil,
        idempotent: Bool = true, bodyLimit: Int = 64 * 1024,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer
    ) -> Endpoint {
        var endpoint = Endpoint(
            kind: .api, method: method, path: path, access: access, summary: summary, reads: false, run: run)
        endpoint.takes = takes
        endpoint.gives = gives
        endpoint.idempotent = idempotent
        endpoint.bodyLimit = bodyLimit
        return endpoint
    }

    /// A service's answer to a ``Question``: POST, only for processes of the installation.
    static func answer(
        _ path: String, _ summary: String, reads: Bool,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer
    ) -> Endpoint {
        Endpoint(kind: .api, method: .post, path: path, access: .inside, summary: summary, reads: reads, run: run)
    }

    /// A page: GET, read transaction.
    package static func page(
        _ path: String, _ summary: String, access: Access,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer
    ) -> Endpoint {
        Endpoint(kind: .page, method: .get, path: path, access: access, summary: summary, reads: true, run: run)
    }

    /// A page that another site sends the browser back to, and that changes something: GET, one write transaction.
    /// Where the request comes from proves nothing, so `run` needs a proof that works once.
    package static func landing(
        _ path: String, _ summary: String, access: Access, again: Again? = nil,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer
    ) -> Endpoint {
        var endpoint = Endpoint(
            kind: .page, method: .get, path: path, access: access, summary: summary, reads: false, isLanding: true,
            run: run)
        endpoint.again = again
        return endpoint
    }

    /// A part of a page: GET, read transaction.
    package static func fragment(
        _ path: String, _ summary: String, access: Access,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer
    ) -> Endpoint {
        Endpoint(kind: .fragment, method: .get, path: path, access: access, summary: summary, reads: true, run: run)
    }

    /// The target of a form: POST, one write transaction.
    package static func form(
        _ path: String, _ summary: String, access: Access, idempotent: Bool = true, bodyLimit: Int = 64 * 1024,
        again: Again? = nil, run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer
    ) -> Endpoint {
        var endpoint = Endpoint(
            kind: .form, method: .post, path: path, access: access, summary: summary, reads: false, run: run)
        endpoint.idempotent = idempotent
        endpoint.bodyLimit = bodyLimit
        endpoint.again = again
        return endpoint
    }
}
