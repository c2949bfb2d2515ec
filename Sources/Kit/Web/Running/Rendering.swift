import Directory
import Foundation
import Logging
import Storage
import Values

extension EndpointRunner {
    /// The response of a successful request.
    func finish(_ plan: Plan, _ done: Done) throws -> WebResponse {
        noteUse(of: done.caller)
        var response: WebResponse
        if let stored = done.response {
            response = stored
        } else if let answer = done.answer {
            response = try respond(plan, answer, done.caller)
        } else {
            response = WebResponse(status: 204)
        }
        response.route = plan.endpoint.path
        response.kind = plan.endpoint.kind
        response.person = done.caller.person?.id
        if replica != nil, plan.endpoint.kind == .form || plan.endpoint.isLanding {
            response.headers.append(("set-cookie", written(EndpointRunner.fresh)))
        }
        return response
    }

    /// Refused requests count too: the session is in use all the same.
    func noteUse(of caller: Caller) {
        if let session = caller.session { context.uses.note(session, at: context.environment.now()) }
    }

    /// Marks for a few seconds that this browser has changed something, and must see the change.
    private static let fresh = Cookie(name: Plan.freshCookie, value: "1", maxAge: 5)

    /// Turns an endpoint's answer into bytes.
    func respond(_ plan: Plan, _ answer: Answer, _ caller: Caller) throws -> WebResponse {
        var response = WebResponse(status: answer.status)
        switch answer.content {
        case .none: break
        case .bytes(let bytes, let type):
            response.headers.append(("content-type", type))
            response.body = bytes
        case .page(let template, let title, let model):
            response.headers.append(("content-type", "text/html; charset=utf-8"))
            var pageContext = pageContext(plan, caller, answer.problem)
            if let topics = plan.movedTopics {
                let page = try context.pages.page(template: template, title: title, model: model, context: pageContext)
                response.body = LiveParts.cut(page, topics: topics)
            } else {
                pageContext.said = plan.said
                if pageContext.said != nil {
                    response.headers.append(("set-cookie", written(Cookie(name: Said.cookie, value: "", maxAge: 0))))
                }
                response.body = try context.pages.page(
                    template: template, title: title, model: model, context: pageContext)
            }
        case .fragment(let template, let model):
            response.headers.append(("content-type", "text/html; charset=utf-8"))
            response.body = try context.pages.fragment(
                template: template, model: model, context: pageContext(plan, caller, answer.problem))
        }
        for header in answer.headers { response.headers.append((header.name.lowercased(), header.value)) }
        let said = answer.said?.sealed(context.forms)
        for cookie in answer.cookies + [said].compactMap(\.self) {
            response.headers.append(("set-cookie", written(cookie)))
        }
        if let value = plan.newFormCookie, caller.person == nil {
            response.headers.append(
                ("set-cookie", written(Cookie(name: FormGuard.cookie, value: value, maxAge: 86_400))))
        }
        return response
    }

    private func pageContext(_ plan: Plan, _ caller: Caller, _ problem: Problem?) -> PageContext {
        var pageContext = PageContext(
            person: caller.person, language: plan.language, csrf: plan.csrf(caller.session),
            once: context.environment.newID().description, path: plan.request.path,
            theme: Preferences.theme(cookie: plan.request.headers.cookie(named: Preferences.themeCookie)),
            requestID: plan.request.id, at: plan.at)
        pageContext.problem = problem
        return pageContext
    }

    private func written(_ cookie: Cookie) -> String {
        "\(context.cookiePrefix)\(cookie.name)=\(cookie.value); Path=/; Max-Age=\(cookie.maxAge); HttpOnly; SameSite=Lax"
            + (context.secureCookies ? "; Secure" : "")
    }

    // MARK: Refusals

    static func wrongMethod(_ methods: [String]) -> Problem {
        Problem(405, "web.method", values: ["methods": methods.joined(separator: ", ")])
    }

    func wrongMethod(_ request: WebRequest, _ methods: [String]) -> WebResponse {
        var response = refusal(request, EndpointRunner.wrongMethod(methods))
        response.headers.append(("allow", methods.joined(separator: ", ")))
        return response
    }

    /// The answer to a request that no endpoint handles.
    package func refusal(_ request: WebRequest, _ problem: Problem) -> WebResponse {
        refusal(request, problem, caller: Caller())
    }

    func refusal(_ request: WebRequest, _ problem: Problem, caller: Caller) -> WebResponse {
        let isAPI = request.path == "/api" || request.path.begins(with: "/api/")
        return refusal(request, problem, [], kind: isAPI ? .api : .page, caller: caller)
    }

    /// The answer to a request that an endpoint refused, or that failed.
    package func refusal(_ request: WebRequest, _ endpoint: Endpoint, _ error: any Error) -> WebResponse {
        var response: WebResponse
        if let several = error as? FieldProblems, let first = several.problems.first {
            response = refusal(request, first, several.problems, kind: endpoint.kind)
        } else if let (problem, caller) = EndpointRunner.refused(error) {
            response = refusal(request, problem, [], kind: endpoint.kind, caller: caller)
            response.person = caller.person?.id
            noteUse(of: caller)
        } else {
            response = refusal(request, problem(for: error, request), [], kind: endpoint.kind)
        }
        response.route = endpoint.path
        response.kind = endpoint.kind
        return response
    }

    private static func refused(_ error: any Error) -> (Problem, Caller)? {
        switch error {
        case let refused as Refused: (refused.problem, refused.caller)
        case let objection as Objection: (objection.problem, objection.caller)
        default: nil
        }
    }

    private func problem(for error: any Error, _ request: WebRequest) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case is AmountOutOfRange: return Problem(422, "web.amount")
        case StorageError.full:
            context.log.error("no room left", metadata: ["request": "\(request.id)", "service": "\(service)"])
            return Problem(507, "web.storage-full", retryAfter: 60)
        case StorageError.readOnly:
            context.log.error("storage is read-only", metadata: ["request": "\(request.id)", "service": "\(service)"])
            return Problem(503, "web.storage-read-only", retryAfter: 60)
        case StorageError.unavailable(let reason):
            context.log.warning("storage away: \(reason)", metadata: ["request": "\(request.id)"])
            return Problem(503, "web.unavailable", retryAfter: 1)
        case StorageError.closed:
            return Problem(503, "web.unavailable", retryAfter: 1)
        default:
            context.log.error(
                "request failed: \(error)",
                metadata: [
                    "request": "\(request.id)", "service": "\(service)", "path": "\(paths.loggable(request.path))",
                ])
            return Problem(500, "web.internal")
        }
    }

    private func refusal(
        _ request: WebRequest, _ problem: Problem, _ several: [Problem], kind: Endpoint.Kind, caller: Caller = Caller()
    ) -> WebResponse {
        var response: WebResponse
        switch kind {
        case .api: response = problemDocument(request, problem, several)
        case .fragment where request.headers.live != nil && [401, 403].contains(problem.status):
            // A page that stayed open asks for what its reader may no longer see: nothing of it has changed.
            response = WebResponse(status: 204)
        case .fragment:
            response = WebResponse(status: problem.status, headers: [("content-type", "text/plain; charset=utf-8")])
            response.body = Array(context.pages.words(of: problem, language(of: request)).utf8)
        case .page where problem.status == 401:
            response = WebResponse(status: 303)
            let next =
                request.path == "/" && request.query.isEmpty ? "" : "?next=" + PercentCoding.encode(request.target)
            response.headers.append(("location", "/sign-in" + next))
        case .page where problem == EndpointRunner.proofNeeded:
            response = WebResponse(status: 303, headers: [("location", proofPage(before: request.target))])
        case .form where problem == EndpointRunner.proofNeeded:
            response = WebResponse(
                status: 303, headers: [("location", proofPage(before: page(before: request) ?? "/") + "&unsent=1")])
        case .form where problem.status == 401:
            // What was typed is not kept: the sender is unknown, and it may be a password or a file.
            let next = page(before: request).map { "next=\(PercentCoding.encode($0))&" } ?? ""
            response = WebResponse(status: 303, headers: [("location", "/sign-in?\(next)unsent=1")])
        case .page, .form: response = errorPage(request, problem, caller)
        }
        response.kind = kind
        if let seconds = problem.retryAfter { response.headers.append(("retry-after", String(seconds))) }
        return response
    }

    private func proofPage(before target: String) -> String {
        "\(EndpointRunner.proofPage)?next=\(PercentCoding.encode(target))"
    }

    /// The page that a form was sent from, to go back to; `nil` if there is none that can be opened. A form that was
    /// shown again with errors has the form's own address; then the page above that address is used.
    private func page(before request: WebRequest) -> String? {
        let target = Preferences.localPath(context.forms.page(request.headers))
        let parts = target.parts(at: "?", most: 2)
        let query = parts.count > 1 ? parts[1] : ""
        var path = parts[0]
        var isOpen = true
        while path != "/", case .otherMethods = own(path) {
            path = "/" + path.parts(at: "/").dropFirst().dropLast().joined(separator: "/")
            isOpen = false
        }
        let more = isOpen ? query : ""
        let page = more.isEmpty ? path : "\(path)?\(more)"
        return page == "/" ? nil : page
    }

    private func own(_ path: String) -> RouteTable<Endpoint.Kind>.Match {
        var routes = RouteTable<Endpoint.Kind>()
        for endpoint in endpoints { try? routes.add(endpoint.method.rawValue, endpoint.path, endpoint.kind) }
        return routes.match("GET", path)
    }

    private func errorPage(_ request: WebRequest, _ problem: Problem, _ caller: Caller) -> WebResponse {
        let pageContext = PageContext(
            person: caller.person, language: language(of: request),
            csrf: caller.session.map { context.forms.token(session: $0) } ?? "", once: "", path: request.path,
            theme: Preferences.theme(cookie: request.headers.cookie(named: Preferences.themeCookie)),
            requestID: request.id, at: context.environment.now())
        var response = WebResponse(status: problem.status, headers: [("content-type", "text/html; charset=utf-8")])
        do {
            response.body = try context.pages.error(problem, context: pageContext)
        } catch {
            context.log.error("no error page: \(error)", metadata: ["request": "\(request.id)"])
            response.headers = [("content-type", "text/plain; charset=utf-8")]
            response.body = Array(problem.key.utf8)
        }
        return response
    }

    private func title(_ problem: Problem, _ language: Language) -> String {
        context.pages.text("problem." + problem.key, values: problem.values, language: language)
    }

    /// `application/problem+json` (RFC 9457).
    private func problemDocument(_ request: WebRequest, _ problem: Problem, _ several: [Problem]) -> WebResponse {
        struct Document: Encodable {
            struct Item: Encodable {
                let field: String
                let type: String
                let detail: String
            }
            let type: String
            let title: String
            let status: Int
            var detail: String?
            let instance: String
            var field: String?
            var errors: [Item]?
        }
        let language = language(of: request)
        var document = Document(
            type: "/problems/" + problem.key, title: title(problem, language), status: problem.status,
            instance: "urn:request:" + request.id, field: problem.field)
        let todo = "problem.\(problem.key).todo"
        if context.pages.hasText(todo) {
            document.detail = context.pages.text(todo, values: problem.values, language: language)
        }
        let wrong = several.isEmpty ? (problem.field == nil ? [] : [problem]) : several
        if !wrong.isEmpty {
            document.errors = wrong.map {
                .init(field: $0.field ?? "", type: "/problems/" + $0.key, detail: title($0, language))
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var response = WebResponse(
            status: problem.status, headers: [("content-type", "application/problem+json")],
            body: (try? encoder.encode(document)).map { [UInt8]($0) } ?? [])
        if problem.status == 401 { response.headers.append(("www-authenticate", "Bearer")) }
        return response
    }
}
