import Directory
import Logging
import Storage
import Values

/// One request on its way through a runner. Each step says what comes next, and where it has to run; how somebody waits
/// for it is the business of ``EndpointRunner/run(_:)`` and ``EndpointRunner/runNow(_:)``. Like any body of a
/// transaction, a step may be taken twice.
indirect enum RequestStep: Sendable {
    /// The checks that need no database.
    case begin(WebRequest, Endpoint, values: [String: String])
    /// The guard, before the slow work of ``Endpoint/before``.
    case rehearse(Plan)
    case prepare(Plan, Caller?)
    /// The endpoint itself. `tries` counts how often the same request was running in another transaction.
    case perform(Plan, tries: Int)
    /// A form is shown again with its problem.
    case again(Plan, Objection)
    case finish(Plan, Done)
    /// A page that nobody serves: it says so, with the caller's navigation, once the caller is known.
    case stray(WebRequest, Problem)
    case refuse(WebRequest, Problem, Caller)
    case end(WebResponse)

    /// Where a step has to run.
    enum Place {
        /// Anywhere: it is quick.
        case here
        case parser
        case worker
        /// A thread that may wait for a server of somebody else.
        case outside
        case read
        /// A read whose data may be slightly old.
        case lateRead(Plan)
        case write
        /// There is nothing left to do.
        case end(WebResponse)
    }
}

extension EndpointRunner {
    func place(of step: RequestStep) -> RequestStep.Place {
        switch step {
        // There are only as many threads for answering as the machine has cores.
        case .begin(let request, _, _): request.body.count > EndpointRunner.quickBody ? .parser : .here
        case .rehearse, .again, .stray: .read
        case .prepare(let plan, _): plan.endpoint.waitsOutside ? .outside : .worker
        case .perform(let plan, _): plan.endpoint.reads ? .lateRead(plan) : .write
        case .finish, .refuse: .here
        case .end(let response): .end(response)
        }
    }

    /// Takes a step that needs no database.
    func take(_ step: RequestStep) throws -> RequestStep {
        switch step {
        case .begin(let request, let endpoint, let values):
            let plan = try plan(request, endpoint, values)
            guard endpoint.before != nil else { return .perform(plan, tries: 0) }
            return endpoint.access != .anyone || endpoint.idempotent ? .rehearse(plan) : .prepare(plan, nil)
        case .prepare(var plan, let caller):
            plan.prepared = try prepare(plan, caller)
            return .perform(plan, tries: 0)
        case .finish(let plan, let done): return .end(try finish(plan, done))
        case .refuse(let request, let problem, let caller):
            return .end(refusal(request, problem, caller: caller))
        case .rehearse, .perform, .again, .stray, .end: return step
        }
    }

    /// Takes a step in a transaction.
    func take(_ step: RequestStep, in transaction: any Transaction) throws -> RequestStep {
        switch step {
        case .rehearse(let plan):
            let (caller, replayed) = try rehearse(plan, in: transaction)
            return replayed ? .perform(plan, tries: 0) : .prepare(plan, caller)
        case .perform(let plan, _): return .finish(plan, try perform(plan, in: transaction))
        case .again(let plan, let objection):
            guard let shown = try again(plan, objection, in: transaction) else { throw objection }
            return .finish(plan, shown)
        case .stray(let request, let problem):
            let finding = authenticator.look(at: EndpointRunner.token(of: request))
            return .refuse(request, problem, try admit(finding, request.credential, to: .anyone, in: transaction))
        case .begin, .prepare, .finish, .refuse, .end: return step
        }
    }

    /// What comes after a step that failed; its transaction was rolled back.
    func next(after error: any Error, in step: RequestStep) -> RequestStep {
        switch step {
        case .perform(let plan, let tries):
            if let withdrawn = error as? Withdrawn { return .finish(plan, withdrawn.done) }
            if error is Idempotency.Raced {
                guard tries + 1 == EndpointRunner.races else { return .perform(plan, tries: tries + 1) }
                return .end(refusal(plan.request, plan.endpoint, EndpointRunner.raced))
            }
            return objected(plan, error)
        case .prepare(let plan, _): return objected(plan, error)
        case .rehearse(let plan), .again(let plan, _), .finish(let plan, _):
            return .end(refusal(plan.request, plan.endpoint, error))
        case .begin(let request, let endpoint, _): return .end(refusal(request, endpoint, error))
        case .stray(let request, let problem), .refuse(let request, let problem, _):
            return .end(refusal(request, problem))
        case .end: return step
        }
    }

    private func objected(_ plan: Plan, _ error: any Error) -> RequestStep {
        if let cause = (error as? Objection)?.problem.cause {
            context.log.notice(
                "refused: \(cause)",
                metadata: ["request": "\(plan.request.id)", "service": "\(service)", "path": "\(plan.endpoint.path)"])
        }
        if let objection = error as? Objection, plan.endpoint.again != nil { return .again(plan, objection) }
        return .end(refusal(plan.request, plan.endpoint, error))
    }

    /// How often a request is tried if the same request is running in another transaction.
    private static let races = 3
    private static let raced = StorageError.unavailable("the same request is under way several times")

    private func prepare(_ plan: Plan, _ caller: Caller?) throws -> Prepared {
        guard let before = plan.endpoint.before else { return plan.prepared }
        do {
            return try before(plan.call(caller)).prepared
        } catch let problem as Problem {
            throw Objection(problem: problem, caller: caller ?? Caller(), prepared: Prepared())
        }
    }
}
