import Directory
import Storage
import Values

/// One thing that a service does over HTTP, declared: who may, what it reads, its limits, and the synchronous function
/// that does it in a transaction. The HTTP server, the simulator and the OpenAPI document are all made from these.
package struct Endpoint: Sendable {
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// What the answer is, and so how errors are told and how the request is proved to be meant.
    package enum Kind: Sendable {
        /// JSON for programs; errors are problem+json; stands in the OpenAPI document.
        case api
        /// An HTML page; errors are pages.
        case page
        /// A part of a page, put into another service's page by the entrance (`Answer/include(_:)`).
        case fragment
        /// The target of a page's form: `application/x-www-form-urlencoded` or `multipart/form-data`, with a CSRF
        /// token; answers with a redirect, or with the page again and what is wrong with it.
        case form
    }

    /// Who may call it. Checked in the endpoint's own transaction against the service's Directory (X7).
    package enum Access: Sendable, Hashable {
        /// No sign-in needed.
        case anyone
        /// Any active member of the staff (X2).
        case staff
        /// Active, and holds at least one of these roles.
        case holding(Set<String>)
        /// Another process of the installation, or another service in this one. For all others it is not there.
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
    /// Query parameters it reads; any other one is an error for `.api`.
    package var query: [Parameter] = []
    /// The JSON body it takes, for `.api`.
    package var takes: Schema?
    /// Reads the body, once it has the form of ``takes``, into ``Call/prepared``: before the transaction.
    var reader: Reader?
    typealias Reader = @Sendable (_ json: JSONText, _ prepared: inout Prepared) throws(JSONMismatch) -> Void
    /// The JSON it answers with, for `.api`.
    package var gives: Schema?
    /// Requires an `Idempotency-Key` (`.api`), or the hidden field `once` (`.form`): answered once, then replayed.
    /// Set for every creating or money-moving one.
    package var idempotent = false
    /// Whether the caller must have proved within the last ten minutes who they are, as one signs in (X28): a browser is
    /// led to ``EndpointRunner/proofPage`` first.
    package var proof = Proof.none

    package enum Proof: Sendable, Hashable {
        case none
        /// Of a person; a program with the scope may do it, too.
        case fresh
        /// Of a person, and no program may do it.
        case personal
    }

    /// The same, for who has just proved who they are.
    package func needing(_ proof: Proof) -> Endpoint {
        var endpoint = self
        endpoint.proof = proof
        return endpoint
    }
    /// Largest body in bytes; more is answered with 413.
    package var bodyLimit = 64 * 1024
    /// What must not hold up the transaction: slow work, such as hashing a password, and asking another service. The
    /// runner calls it on a worker thread, not one of the database's, after the body was read and checked, and (unless
    /// access is `anyone`) after the guard has passed once in a read transaction of its own, so that ``Call/caller`` is
    /// known. The call that it returns, with results in ``Call/prepared``, goes on into the transaction, where the guard
    /// is checked again. What it throws is told as if ``run`` had thrown it. It is not called for a replayed idempotency
    /// key; what it has another service do must do no harm twice.
    package var before: (@Sendable (_ call: Call) throws -> Call)?

    /// The same, with what `ask` finds out first, as ``before``: `run` gets it from ``Call/found(_:)``.
    package func asking<T: Sendable>(_ ask: @escaping @Sendable (_ call: Call) throws -> T) -> Endpoint {
        var endpoint = self
        endpoint.before = { call in
            var call = call
            call.prepared[T.self] = try ask(call)
            return call
        }
        return endpoint
    }
    /// How a form is shown again that was refused: with what was typed, and what is wrong. It is asked in a transaction
    /// that reads, once all that ``run`` did is rolled back; the answer gets the problem's status. `nil` where there is
    /// nothing to show it in: then the problem has a page of its own, as where there is no such function.
    package var again: Again?
    package typealias Again =
        @Sendable (_ call: Call, _ problem: Problem, _ transaction: any Transaction) throws -> Answer?
    /// Whether the function only reads: it then runs in a read transaction and sees a snapshot.
    package let reads: Bool
    /// A problem that it throws, whoever threw it, and an answer of 400 or more leave nothing behind: the transaction is
    /// rolled back.
    package let run: @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Answer

    private init(
        kind: Kind, method: Method, path: String, access: Access, summary: String, reads: Bool,
        run: @escaping @Sendable (Call, any Transaction) throws -> Answer
    ) {
        self.kind = kind
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.reads = reads
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

    /// A service's answer to a ``Question``: POST, for processes of the installation only.
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

/// A query parameter: its name, its JSON Schema, and what it is for.
package struct Parameter: Sendable {
    package let name: String
    package let schema: Schema
    package let about: String

    package init(_ name: String, _ schema: Schema, _ about: String) {
        self.name = name
        self.schema = schema
        self.about = about
    }

    /// The cursor that every list takes: the `next` of the page before.
    package static let cursor = Parameter("cursor", .string, "The `next` of the page before; empty for the first page")
    /// How many rows a list answers with, 1 to 200; 50 where it is not given.
    package static let limit = Parameter("limit", .integer(1...200), "How many rows, 1 to 200; 50 by default")
}
