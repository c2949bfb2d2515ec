import Directory
import Storage
import Values

/// An error that an endpoint's own functions threw, with the caller: a form may be shown again with it.
struct Objection: Error {
    let problem: Problem
    let caller: Caller
    let prepared: Prepared
}

/// An answer which says that nothing was done. It is thrown, so that the transaction is rolled back.
struct Withdrawn: Error {
    let done: Done
}

extension EndpointRunner {
    /// The part of a request's handling inside its transaction. Like any such body, it may run twice.
    func perform(_ plan: Plan, in transaction: any Transaction) throws -> Done {
        let caller = try plan.admitted ?? admit(plan, in: transaction)
        try checkForm(plan, caller)
        let person = caller.person?.id ?? ID(high: 0, low: 0)
        if let claim = plan.claim, let stored = try Idempotency.replay(claim, person: person, in: transaction) {
            return Done(response: stored, caller: caller)
        }
        let call = plan.call(caller)
        let answer: Answer
        do {
            answer = try plan.endpoint.run(call, transaction)
        } catch let problem as Problem {
            throw Objection(problem: problem, caller: caller, prepared: plan.prepared)
        }
        guard answer.status < 400 else { throw Withdrawn(done: Done(answer: answer, caller: caller)) }
        guard let claim = plan.claim else { return Done(answer: answer, caller: caller) }
        let response = try respond(plan, answer, caller)
        var kept = response
        // A cookie may be a credential: it is sent once and never stored.
        kept.headers.removeAll { $0.name == "set-cookie" }
        try Idempotency.store(kept, for: claim, person: person, at: call.now, in: transaction)
        return Done(response: response, caller: caller)
    }

    /// Shows the refused form again; `nil` if the problem has a page of its own.
    func again(_ plan: Plan, _ objection: Objection, in transaction: any Transaction) throws -> Done? {
        guard let again = plan.endpoint.again else { return nil }
        // The caller may have lost the right in the meantime.
        let caller = try admit(plan, in: transaction)
        try checkForm(plan, caller)
        let problem = objection.problem
        var call = plan.call(caller)
        call.prepared = objection.prepared
        guard var answer = try again(call, problem, transaction) else { return nil }
        answer.status = problem.status
        answer.problem = problem
        if let seconds = problem.retryAfter { answer.headers.append(("Retry-After", String(seconds))) }
        return Done(answer: answer, caller: caller)
    }

    /// Runs the guard and looks for a stored answer, before ``Endpoint/before``.
    func rehearse(_ plan: Plan, in transaction: any Transaction) throws -> (caller: Caller, replayed: Bool) {
        let caller = try admit(plan, in: transaction)
        try checkForm(plan, caller)
        guard let claim = plan.claim else { return (caller, false) }
        let person = caller.person?.id ?? ID(high: 0, low: 0)
        return (caller, try Idempotency.replay(claim, person: person, in: transaction) != nil)
    }

    func admit(_ plan: Plan, in transaction: any Transaction) throws -> Caller {
        // A plan for such an endpoint is made only if a process of the installation sent the request.
        guard plan.endpoint.access != .inside else { return Caller() }
        return try admit(plan.finding, plan.request.credential, to: plan.endpoint, in: transaction)
    }

    /// Whether the request comes from a process of the installation: from this one, or from another, shown by its
    /// signature over the body.
    func isInside(_ request: WebRequest) -> Bool {
        request.credential == .inside
            || SignedRequest.accepts(
                request.headers.signature, request.method, request.path, body: request.body,
                now: context.environment.now(), secret: context.inside)
    }

    /// Determines the caller. Checks that they, and their token, may do what the endpoint does.
    func admit(
        _ finding: Authenticator.Finding, _ credential: WebRequest.Credential, to endpoint: Endpoint,
        in transaction: any Transaction
    ) throws -> Caller {
        let caller = try admit(finding, credential, to: endpoint.access, in: transaction)
        guard endpoint.access != .anyone else { return caller }
        if !endpoint.reads, let scopes = caller.scopes, !scopes.contains(scope) {
            throw Refused(problem: Problem(403, "web.scope", values: ["scope": scope]), caller: caller)
        }
        if endpoint.proof == .wayIn, !Scope.areAll(caller.scopes) {
            throw Refused(problem: EndpointRunner.everyScopeNeeded, caller: caller)
        }
        if endpoint.proof == .personal || endpoint.proof != .none && caller.scopes == nil {
            guard EndpointRunner.isFresh(caller.proven, at: context.environment.now()) else {
                throw Refused(problem: EndpointRunner.proofNeeded, caller: caller)
            }
        }
        return caller
    }

    static func isFresh(_ proven: Instant?, at now: Instant) -> Bool {
        proven.map { $0 >= now.adding(seconds: -proofSeconds) } ?? false
    }

    /// How long a proof is valid, in seconds: time to look up a number and type it.
    static let proofSeconds: Int64 = 600
    static let proofNeeded = Problem(403, "web.proof")
    static let everyScopeNeeded = Problem(
        403, "web.scope.all", values: ["scopes": Scope.all.joined(separator: ",")])

    /// Determines the caller, and checks that they have access (X7).
    func admit(
        _ finding: Authenticator.Finding, _ credential: WebRequest.Credential, to access: Endpoint.Access,
        in transaction: any Transaction
    ) throws -> Caller {
        let caller: Caller
        do {
            caller = try identify(finding, credential, in: transaction)
        } catch let problem as Problem {
            // An endpoint for anyone accepts a caller who cannot be identified.
            guard access == .anyone else { throw problem }
            return Caller()
        }
        switch access {
        case .anyone: return caller
        case .staff:
            guard let person = caller.person else { throw Problem.signInNeeded }
            guard person.isStaff else { throw Refused(problem: .forbidden, caller: caller) }
        case .holding(let roles):
            guard let person = caller.person else { throw Problem.signInNeeded }
            guard person.holds(anyOf: roles) else { throw Refused(problem: .forbidden, caller: caller) }
        // No person counts as a process of the installation.
        case .inside: throw Problem.notFound
        }
        return caller
    }

    private func identify(
        _ finding: Authenticator.Finding, _ credential: WebRequest.Credential, in transaction: any Transaction
    ) throws -> Caller {
        let person: ID
        var session: ID?
        var (scopes, proven): (Set<String>?, Instant?)
        if case .local(let id) = credential {
            person = id
            // Anyone who can open the socket controls the installation.
            proven = context.environment.now()
        } else {
            switch try authenticator.decide(finding, in: transaction) {
            case .nobody: return Caller()
            case .claims(let claims):
                person = claims.person
                session = claims.session
                (scopes, proven) = (claims.scopes, claims.proven)
            case .refused, .undecided: throw Problem.signInNeeded
            }
        }
        guard let standing = try Directory.standing(of: person, session: session, in: transaction) else {
            // The signature is valid, so Identity knows the person; its event is still on the way.
            throw Problem(503, "web.not-known-yet", retryAfter: 1)
        }
        guard session == nil || !standing.revoked, standing.person.active else { throw Problem.signInNeeded }
        guard !standing.denied else { throw Problem(403, "web.denied") }
        return Caller(person: standing.person, session: session, scopes: scopes, proven: proven)
    }

    private func checkForm(_ plan: Plan, _ caller: Caller) throws {
        guard plan.endpoint.kind == .form, plan.byBrowser || caller.person == nil else { return }
        let given = plan.formValues["csrf"] ?? ""
        let cookie = plan.request.headers.cookie(named: FormGuard.cookie)
        guard context.forms.accepts(given, session: caller.session, cookie: cookie) else {
            throw Problem(403, "web.form-expired")
        }
    }
}
