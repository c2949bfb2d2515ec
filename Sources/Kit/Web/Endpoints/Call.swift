import Directory
import Foundation
import Values

/// One request, as an endpoint sees it: checked, decoded, and with a known caller.
package struct Call: Sendable {
    /// The caller, as the service's Directory has them now; `nil` only on an endpoint for anyone.
    package let caller: Person?
    /// The session that the caller's token belongs to.
    package let session: ID?
    /// What the caller's token may change, if it is a program's; `nil` for a person, who may do what their roles allow.
    package let scopes: Set<String>?
    /// Whether the caller has proved who they are within the last ten minutes, see ``Endpoint/proof``.
    package let isProven: Bool
    package let language: Language
    package let company: Company
    /// Time, randomness and ids for this request.
    package let environment: Environment
    /// The request id. Events written here carry it.
    package let trace: String
    /// The requested path, without the query.
    package let location: String
    package let pathValues: [String: String]
    package let queryValues: [String: String]
    /// The query as it was sent.
    package var writtenQuery = ""
    /// Fields of a form, without files.
    package let formValues: [String: String]
    package let body: [UInt8]
    /// The value for a form's hidden field `csrf`. Pages have it in their layout as `{{csrf}}`.
    package let csrf: String
    /// The caller's network address, for throttling only.
    package let address: String
    /// The header that signs the body, if a program sent one.
    package var signature: String?
    /// Used for the request's cookies.
    var headers = WebRequest.Headers()
    /// The results of ``Endpoint/before``, for `run`.
    package var prepared = Prepared()

    package init(
        caller: Person?, session: ID?, scopes: Set<String>? = nil, isProven: Bool = false,
        language: Language, company: Company,
        environment: Environment, trace: String,
        location: String,
        pathValues: [String: String], queryValues: [String: String], formValues: [String: String], body: [UInt8],
        csrf: String, address: String
    ) {
        self.caller = caller
        self.session = session
        self.scopes = scopes
        self.isProven = isProven
        self.language = language
        self.company = company
        self.environment = environment
        self.trace = trace
        self.location = location
        self.pathValues = pathValues
        self.queryValues = queryValues
        self.formValues = formValues
        self.body = body
        self.csrf = csrf
        self.address = address
    }

    package var now: Instant { environment.now() }

    /// The same value if the request is sent again: the idempotency key that it carries, or else its own id.
    package var onceKey: String { formValues["once"] ?? headers.idempotencyKey ?? trace }
    package var format: Format { Format(language: language, company: company) }

    /// The caller of an endpoint that is not for anyone.
    /// - Throws: a 401 problem if there is none.
    package func person() throws -> Person {
        guard let caller else { throw Problem.signInNeeded }
        return caller
    }

    /// Refuses a program that may not give somebody a way in, as ``Endpoint/Proof/wayIn`` does: for endpoints with
    /// ``Endpoint/Proof/fresh`` of whose requests only some give one.
    /// - Throws: a 403 problem.
    package func mayGiveWayIn() throws {
        guard Scope.areAll(scopes) else { throw EndpointRunner.everyScopeNeeded }
    }

    /// A value from the path that must be an id; 404 for anything else.
    package func id(_ name: String) throws -> ID {
        guard let text = pathValues[name], let id = ID(text) else { throw Problem.notFound }
        return id
    }

    /// A value from the path that must be a date; 404 for anything else.
    package func day(_ name: String) throws -> Day {
        guard let text = pathValues[name], let day = Day(text) else { throw Problem.notFound }
        return day
    }

    /// A query parameter, without white space around it; `nil` if it is missing or empty.
    package func query(_ name: String) -> String? {
        let text = queryValues[name]?.trimmed() ?? ""
        return text.isEmpty ? nil : text
    }

    /// What the caller's browser or program calls itself: at most 400 printable ASCII characters, and only a claim.
    package var agent: String {
        String(
            decoding: (headers.userAgent ?? "").utf8.filter { (0x20...0x7E).contains($0) }.prefix(400), as: UTF8.self)
    }

    package func cookie(named name: String) -> String? {
        headers.cookie(named: name)
    }

    /// A form's field as it was typed; empty if it is missing.
    package func field(_ name: String) -> String {
        formValues[name] ?? ""
    }

    /// `limit` from the query: 1 to 200, or `standard`.
    /// - Throws: a 422 problem for anything else.
    package func limit(_ standard: Int = 50) throws -> Int {
        guard let text = query("limit") else { return standard }
        guard let limit = Int(text), (1...200).contains(limit) else { throw Problem.invalid("limit", "web.limit") }
        return limit
    }
}
