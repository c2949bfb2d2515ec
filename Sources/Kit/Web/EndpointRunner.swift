import Crypto
import Directory
import Foundation
import Logging
import Storage
import Values

/// Runs the endpoints of one service: everything between a request and its answer that is not a socket. The HTTP
/// server, the simulator and tests all go through here, so the guards are the same for all of them.
///
/// Before the transaction: route, size, type, form or JSON, schema, origin, token. In it: session and rights, the
/// form's token, the idempotency key, the endpoint. After it: the page.
package struct EndpointRunner: Sendable {
    /// What the endpoints of all services are run with.
    package struct Setting: Sendable {
        let environment: Environment
        let company: Company
        let pages: PageRenderer
        let forms: FormGuard
        /// What stored requests are hashed with.
        let requests: SymmetricKey
        /// What processes of the installation sign with that ask each other.
        let inside: [UInt8]
        let log: Logger
        let uses: SessionUses

        /// - Parameters:
        ///   - secret: what forms are protected with; at least 16 bytes, the same for the whole installation.
        ///   - uses: where it is noted which sessions are used.
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

    /// What processes of an installation know each other by.
    package static func insideKey(secret: [UInt8]) -> [UInt8] {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Array("popug calls between services".utf8),
            outputByteCount: 32
        ).withUnsafeBytes { Array($0) }
    }

    /// The cookie that holds a signed-in browser's token.
    package static let sessionCookie = "popug_session"

    /// What stands before the names of our cookies. Behind https, browsers take cookies with this prefix from this very
    /// host alone: no other site of its domain can plant one (RFC 6265bis).
    static func cookiePrefix(_ company: Company) -> String {
        company.publicAddress.begins(with: "https://") ? "__Host-" : ""
    }

    /// Where a browser goes to prove again who sits before it, with `?next=` for what comes then.
    package static let proofPage = "/confirm"

    package let service: String
    /// What a program's token needs for any change here, see ``Scope``.
    let scope: String
    package let endpoints: [Endpoint]
    let database: any Database
    /// Where pages are read from, but for who has just changed something; everything is read from the database itself
    /// where it is not given.
    let replica: (any Database)?
    let setting: Setting
    let authenticator: Authenticator
    let paths: CredentialPaths
    private let workers: OperationQueue
    private let waiting: Turnstile
    private let parsers: OperationQueue
    private let parsing: Turnstile
    /// Bodies up to this, in bytes, are parsed where they came in.
    private static let quickBody = 4096
    /// How many larger ones may wait to be parsed.
    private static let mostParsing = 256
    /// How many requests may wait for slow work: about three seconds of it.
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
        // What runs here is slow and takes memory (a password's hash 32 MB): few at a time.
        workers.maxConcurrentOperationCount = 2
        waiting = Turnstile(places: EndpointRunner.mostWaiting)
        parsers = OperationQueue()
        parsers.name = "\(service) parsers"
        parsers.maxConcurrentOperationCount = 2
        parsing = Turnstile(places: EndpointRunner.mostParsing)
    }

    // MARK: One request

    /// Without blocking a thread of the caller's.
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

    /// As ``run(_:endpoint:values:)``, on the calling thread, which waits.
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

    /// Whether the guard is asked ahead of ``Endpoint/before``.
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

    /// Reads for a request from wherever is best, and from the other where that is away.
    private func read<T: Sendable>(
        _ plan: Plan, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        // What services answer each other is what is, not what was.
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
    /// - Throws: a 503 problem where too many wait already: a crowd that signs in at once, or somebody who tries
    ///   passwords, must not fill the memory and make everybody wait for minutes.
    private func slowly<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await aside(workers, waiting, work)
    }

    /// The plan of a request. What may take long to parse is parsed on a thread of its own: those that answer everybody
    /// are as few as the machine has cores.
    private func parsed(_ request: WebRequest, _ endpoint: Endpoint, _ values: [String: String]) async throws -> Plan {
        guard request.body.count > EndpointRunner.quickBody else { return try plan(request, endpoint, values) }
        return try await aside(parsers, parsing) { try plan(request, endpoint, values) }
    }

    private func aside<T: Sendable>(
        _ queue: OperationQueue, _ places: Turnstile, _ work: @escaping @Sendable () throws -> T
    ) async throws -> T {
        guard places.enter() else { throw Problem(503, "web.busy", retryAfter: 3) }
        defer { places.leave() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }

    /// How often a request is tried that meets itself in another transaction.
    private static let races = 3

    /// The guard, ahead of the body. Returns who asks; `nil` for what anyone may ask.
    func admit(_ request: WebRequest, endpoint index: Int) async throws -> ID? {
        let endpoint = endpoints[index]
        guard endpoint.access != .anyone, endpoint.access != .inside else { return nil }
        try checkOrigin(request, endpoint)
        let finding = authenticator.look(at: EndpointRunner.token(of: request))
        let credential = request.credential
        return try await database.read { try admit(finding, credential, to: endpoint, in: $0) }.person?.id
    }

    /// Who asks, for what is no endpoint (live updates).
    /// - Throws: a 401 problem for nobody, 403 for one who is not on the staff.
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
    /// The value of the hidden field `csrf` in the forms of a session: for tests and the simulator, which send forms
    /// without reading the page first.
    package func csrf(for session: ID) -> String {
        forms.token(session: session)
    }
}
