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
    /// The settings that the endpoints of all services are run with.
    package struct Setting: Sendable {
        let environment: Environment
        let company: Company
        let pages: PageRenderer
        let forms: FormGuard
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
    /// The database for pages, except for readers who have just changed something. Without it, everything is read from
    /// the main database.
    let replica: (any Database)?
    let setting: Setting
    let authenticator: Authenticator
    let paths: CredentialPaths
    private let workers: OperationQueue
    private let waiting: ConcurrencyLimit
    private let parsers: OperationQueue
    private let parsing: ConcurrencyLimit
    /// Bodies of up to this many bytes are parsed on the thread that received them.
    private static let quickBody = 4096
    /// How many larger bodies may wait to be parsed.
    private static let mostParsing = 256
    /// How many requests may wait for slow work: about three seconds of work.
    static let mostWaiting = 64

    package init(
        service: String, scope: String = Scope.operations, endpoints: [Endpoint], database: any Database,
        replica: (any Database)? = nil,
        setting: Setting
    ) {
        self.service = service
        self.scope = scope
        self.endpoints = endpoints
        self.database = database
        self.replica = replica
        self.setting = setting
        paths = CredentialPaths(endpoints)
        authenticator = Authenticator(environment: setting.environment)
        workers = OperationQueue()
        workers.name = "\(service) workers"
        // Work here is slow and takes memory (a password's hash 32 MB), so only a few run at a time.
        workers.maxConcurrentOperationCount = 2
        waiting = ConcurrencyLimit(places: EndpointRunner.mostWaiting)
        parsers = OperationQueue()
        parsers.name = "\(service) parsers"
        parsers.maxConcurrentOperationCount = 2
        parsing = ConcurrencyLimit(places: EndpointRunner.mostParsing)
    }

    // MARK: One request

    /// Runs a request without blocking a thread of the caller.
    func run(_ request: WebRequest, endpoint index: Int, values: [String: String]) async -> WebResponse {
        let endpoint = endpoints[index]
        do {
            let plan = try await parsed(request, endpoint, values)
            do {
                return try await carry(plan)
            } catch let objection as Objection {
                guard endpoint.again != nil else { throw objection }
                let shown = try await database.read { try again(plan, objection, in: $0) }
                guard let shown else { throw objection }
                return try finish(plan, shown)
            }
        } catch {
            return refusal(request, endpoint, error)
        }
    }

    private func carry(_ first: Plan) async throws -> WebResponse {
        var plan = first
        if let before = plan.endpoint.before {
            let rehearsal = rehearses(first) ? try await database.read { try rehearse(first, in: $0) } : nil
            if rehearsal?.replayed != true {
                plan.prepared = try await slowly { try prepare(first, rehearsal?.caller, before) }
            }
        }
        let ready = plan
        for _ in 0..<EndpointRunner.races {
            do {
                let done =
                    ready.endpoint.reads
                    ? try await read(ready) { try perform(ready, in: $0) }
                    : try await database.write { try perform(ready, in: $0) }
                return try finish(ready, done)
            } catch let withdrawn as Withdrawn {
                return try finish(ready, withdrawn.done)
            } catch is Idempotency.Raced {
                continue
            }
        }
        throw EndpointRunner.raced
    }

    /// Like ``run(_:endpoint:values:)``, but blocks the calling thread.
    func runNow(_ request: WebRequest, endpoint index: Int, values: [String: String]) -> WebResponse {
        let endpoint = endpoints[index]
        do {
            let plan = try plan(request, endpoint, values)
            do {
                return try carryNow(plan)
            } catch let objection as Objection {
                guard endpoint.again != nil else { throw objection }
                let shown = try database.read { try again(plan, objection, in: $0) }
                guard let shown else { throw objection }
                return try finish(plan, shown)
            }
        } catch {
            return refusal(request, endpoint, error)
        }
    }

    private func carryNow(_ first: Plan) throws -> WebResponse {
        var plan = first
        if let before = plan.endpoint.before {
            let rehearsal = rehearses(first) ? try database.read { try rehearse(first, in: $0) } : nil
            if rehearsal?.replayed != true { plan.prepared = try prepare(first, rehearsal?.caller, before) }
        }
        let ready = plan
        for _ in 0..<EndpointRunner.races {
            do {
                let done =
                    ready.endpoint.reads
                    ? try database.read { try perform(ready, in: $0) }
                    : try database.write { try perform(ready, in: $0) }
                return try finish(ready, done)
            } catch let withdrawn as Withdrawn {
                return try finish(ready, withdrawn.done)
            } catch is Idempotency.Raced {
                continue
            }
        }
        throw EndpointRunner.raced
    }

    private static let raced = StorageError.unavailable("the same request is under way several times")

    /// Whether the guard runs before ``Endpoint/before``.
    private func rehearses(_ plan: Plan) -> Bool { plan.endpoint.access != .anyone || plan.endpoint.idempotent }

    private func prepare(
        _ plan: Plan, _ caller: Caller?, _ before: (Call) throws -> Call
    ) throws -> Prepared {
        do {
            return try before(plan.call(caller)).prepared
        } catch let problem as Problem {
            throw Objection(problem: problem, caller: caller ?? Caller(), prepared: Prepared())
        }
    }

    /// Reads from the preferred database, or from the other one if that is unavailable.
    private func read<T: Sendable>(
        _ plan: Plan, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        // Answers to other services must be current.
        guard let replica, plan.endpoint.access != .inside else { return try await database.read(body) }
        let (first, second) = plan.mayBeLate ? (replica, database) : (database, replica)
        do {
            return try await first.read(body)
        } catch StorageError.unavailable(let reason) {
            setting.log.warning("read elsewhere: \(reason)", metadata: ["request": "\(plan.request.id)"])
            return try await second.read(body)
        }
    }

    /// Runs slow work on a worker.
    /// - Throws: a 503 problem if too many requests are waiting already. Many people who sign in at once, or somebody
    ///   who tries passwords, must not fill the memory and make everyone wait for minutes.
    private func slowly<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await aside(workers, waiting, work)
    }

    /// Makes the plan of a request. If parsing may take long, it runs on a separate thread: there are only as many
    /// threads for answering as the machine has cores.
    private func parsed(_ request: WebRequest, _ endpoint: Endpoint, _ values: [String: String]) async throws -> Plan {
        guard request.body.count > EndpointRunner.quickBody else { return try plan(request, endpoint, values) }
        return try await aside(parsers, parsing) { try plan(request, endpoint, values) }
    }

    private func aside<T: Sendable>(
        _ queue: OperationQueue, _ places: ConcurrencyLimit, _ work: @escaping @Sendable () throws -> T
    ) async throws -> T {
        guard places.enter() else { throw Problem(503, "web.busy", retryAfter: 3) }
        defer { places.leave() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }

    /// How often a request is tried if the same request is running in another transaction.
    private static let races = 3

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

extension EndpointRunner.Setting {
    /// The value of the hidden field `csrf` in the forms of a session. For tests and the simulator, which send forms
    /// without reading the page first.
    package func csrf(for session: ID) -> String {
        forms.token(session: session)
    }
}
