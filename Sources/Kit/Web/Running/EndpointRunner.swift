import Crypto
import Directory
import Foundation
import Logging
import Storage
import Values

/// Runs the endpoints of one service: everything between a request and its answer except the socket. The HTTP server,
/// the simulator and tests all use it, so the guards are the same for all of them.
///
/// Before the transaction: route, size, type, form or JSON, schema, origin, token. In it: session and rights, the
/// form's token, the idempotency key, the endpoint. After it: the page.
package struct EndpointRunner: Sendable {
    /// What the endpoints of all services are run with.
    package struct Context: Sendable {
        let environment: Environment
        let company: Company
        let pages: PageRenderer
        /// Makes and checks the tokens of forms.
        package let forms: FormGuard
        /// The key for hashes of stored requests.
        let requests: SymmetricKey
        /// The key with which processes of the installation sign requests to each other.
        let inside: [UInt8]
        let log: Logger
        let uses: SessionUses

        /// - Parameters:
        ///   - secret: protects forms; at least 16 bytes, the same for the whole installation.
        ///   - uses: records which sessions are used.
        package init(
            environment: Environment, company: Company, pages: PageRenderer, secret: [UInt8], log: Logger,
            uses: SessionUses = SessionUses()
        ) {
            self.uses = uses
            self.environment = environment
            self.company = company
            self.pages = pages
            self.forms = FormGuard(secret: secret, publicAddress: company.publicAddress)
            self.inside = EndpointRunner.insideKey(secret: secret)
            self.requests = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: secret), info: Array("popug stored requests".utf8),
                outputByteCount: 32)
            self.log = log
        }

        package var cookiePrefix: String { EndpointRunner.cookiePrefix(company) }
        var secureCookies: Bool { !cookiePrefix.isEmpty }
    }

    /// The key by which processes of an installation recognize each other.
    package static func insideKey(secret: [UInt8]) -> [UInt8] {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Array("popug calls between services".utf8),
            outputByteCount: 32
        ).withUnsafeBytes { Array($0) }
    }

    /// The cookie that holds a signed-in browser's token.
    package static let sessionCookie = "popug_session"

    /// The prefix of our cookies' names. Over https, browsers accept cookies with this prefix only from this exact
    /// host: no other site of its domain can plant one (RFC 6265bis).
    static func cookiePrefix(_ company: Company) -> String {
        company.publicAddress.begins(with: "https://") ? "__Host-" : ""
    }

    /// The page where a browser's user proves again who they are; `?next=` is the page to go to afterwards.
    package static let proofPage = "/confirm"

    package let service: String
    /// The scope that a program's token needs for any change here, see ``Scope``.
    let scope: String
    package let endpoints: [Endpoint]
    let database: any Database
    /// The database for pages, except for readers who have just changed something, and for who may see them. Without
    /// it, everything is read from the main database.
    let replica: (any Database)?
    let context: Context
    let authenticator: Authenticator
    let paths: CredentialPaths
    private let workers: OperationQueue
    private let waiting: ConcurrencyLimit
    private let waitingOutside: ConcurrencyLimit
    private let outside: OperationQueue
    private let parsers: OperationQueue
    private let parsing: ConcurrencyLimit
    /// Bodies of up to this many bytes are parsed on the thread that received them.
    static let quickBody = 4096
    /// How many larger bodies may wait to be parsed.
    private static let mostParsing = 256
    /// How many requests may wait for slow work: about three seconds of work.
    static let mostWaiting = 64

    package init(
        service: String, scope: String = Scope.operations, endpoints: [Endpoint], database: any Database,
        replica: (any Database)? = nil,
        context: Context
    ) {
        self.service = service
        self.scope = scope
        self.endpoints = endpoints
        self.database = database
        self.replica = replica
        self.context = context
        paths = CredentialPaths(endpoints)
        authenticator = Authenticator(environment: context.environment)
        workers = OperationQueue()
        workers.name = "\(service) workers"
        // Work here is slow and takes memory (a password's hash 32 MB), so only a few run at a time.
        workers.maxConcurrentOperationCount = 2
        waiting = ConcurrencyLimit(places: EndpointRunner.mostWaiting)
        outside = OperationQueue()
        outside.name = "\(service) outside"
        // They only wait.
        outside.maxConcurrentOperationCount = 8
        waitingOutside = ConcurrencyLimit(places: EndpointRunner.mostWaiting)
        parsers = OperationQueue()
        parsers.name = "\(service) parsers"
        parsers.maxConcurrentOperationCount = 2
        parsing = ConcurrencyLimit(places: EndpointRunner.mostParsing)
    }

    // MARK: One request

    /// Takes a request's steps without blocking a thread of the caller.
    func run(_ first: RequestStep) async -> WebResponse {
        var step = first
        while true {
            let present = step
            do {
                switch place(of: present) {
                case .end(let response): return response
                case .here: step = try take(present)
                case .parser: step = try await aside(parsers, parsing) { try take(present) }
                case .worker: step = try await aside(workers, waiting) { try take(present) }
                case .outside: step = try await aside(outside, waitingOutside) { try take(present) }
                case .read: step = try await database.read { try take(present, in: $0) }
                case .lateRead(let plan): step = try await read(present, plan)
                case .write: step = try await database.write { try take(present, in: $0) }
                }
            } catch {
                step = next(after: error, in: present)
            }
        }
    }

    /// Like ``run(_:)``, but blocks the calling thread: for tests, the simulator and the command line.
    func runNow(_ first: RequestStep) -> WebResponse {
        var step = first
        while true {
            let present = step
            do {
                switch place(of: present) {
                case .end(let response): return response
                case .here, .parser, .worker, .outside: step = try take(present)
                case .read, .lateRead: step = try database.read { try take(present, in: $0) }
                case .write: step = try database.write { try take(present, in: $0) }
                }
            } catch {
                step = next(after: error, in: present)
            }
        }
    }

    /// Takes a step that only reads, in the preferred database, or in the other one if that is unavailable.
    private func read(_ step: RequestStep, _ plan: Plan) async throws -> RequestStep {
        // Answers to other services must be current.
        guard let replica, plan.endpoint.access != .inside else {
            return try await database.read { try take(step, in: $0) }
        }
        let (first, second) = plan.mayBeLate ? (replica, database) : (database, replica)
        let known = try await plan.mayBeLate ? admitted(step) : step
        do {
            return try await first.read { try take(known, in: $0) }
        } catch StorageError.unavailable(let reason) {
            context.log.warning("read elsewhere: \(reason)", metadata: ["request": "\(plan.request.id)"])
            return try await second.read { try take(known, in: $0) }
        }
    }

    /// The step, with the guard passed on the primary: what a page shows may be a moment old, but who may see it may
    /// not. If the primary is away, the guard runs where the page is read: then a page is worth more than the last
    /// moments before the primary went.
    private func admitted(_ step: RequestStep) async throws -> RequestStep {
        guard case .perform(let plan, let tries) = step, plan.namesCaller else { return step }
        var known = plan
        do {
            known.admitted = try await database.read { try admit(plan, in: $0) }
        } catch StorageError.unavailable(let reason) {
            context.log.warning("the guard reads elsewhere: \(reason)", metadata: ["request": "\(plan.request.id)"])
        }
        return .perform(known, tries: tries)
    }

    /// Runs work on threads made for it, so that it does not keep the few that answer everybody.
    /// - Throws: a 503 problem if too many requests are waiting already. Many people who sign in at once, or somebody
    ///   who tries passwords, must not fill the memory and make everyone wait for minutes.
    private func aside<T: Sendable>(
        _ queue: OperationQueue, _ places: ConcurrencyLimit, _ work: @escaping @Sendable () throws -> T
    ) async throws -> T {
        guard places.enter() else { throw Problem(503, "web.busy", retryAfter: 3) }
        defer { places.leave() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }

    /// Runs the guard before the body is read. Returns the caller; `nil` if anyone may make the request.
    func admit(_ request: WebRequest, endpoint index: Int) async throws -> ID? {
        let endpoint = endpoints[index]
        guard endpoint.access != .anyone, endpoint.access != .inside else { return nil }
        try checkOrigin(request, endpoint)
        let finding = authenticator.look(at: EndpointRunner.token(of: request))
        let credential = request.credential
        return try await database.read { try admit(finding, credential, to: endpoint, in: $0) }.person?.id
    }

    /// The caller of a request that is not for an endpoint (live updates).
    /// - Throws: a 401 problem if there is no caller, 403 if they are not staff.
    package func authenticate(_ request: WebRequest) async throws -> Person {
        let finding = authenticator.look(at: EndpointRunner.token(of: request))
        let credential = request.credential
        let caller = try await database.read { try admit(finding, credential, to: Endpoint.Access.staff, in: $0) }
        guard let person = caller.person else { throw Problem.signInNeeded }
        noteUse(of: caller)
        return person
    }
}
