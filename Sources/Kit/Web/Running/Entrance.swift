import Directory
import Values

/// The single entry point to several services. It finds the runner for a path, and assembles pages that include parts
/// of other services.
package struct Entrance: Sendable {
    /// The destination of a request.
    package enum Route: Sendable {
        case endpoint(runner: Int, index: Int, values: [String: String])
        case otherMethods([String])
        case none
    }

    private struct Place: Sendable {
        let runner: Int
        let index: Int
    }

    package let runners: [EndpointRunner]
    /// Which paths a log must shorten.
    package let paths: CredentialPaths
    private let routes: RouteTable<Place>
    /// For requests that belong to no service.
    private let first: EndpointRunner

    /// - Throws: ``DuplicateRoute``.
    package init(_ first: EndpointRunner, _ others: [EndpointRunner] = []) throws {
        self.first = first
        runners = [first] + others
        paths = CredentialPaths(runners.flatMap(\.endpoints))
        var routes = RouteTable<Place>()
        for (runner, services) in runners.enumerated() {
            for (index, endpoint) in services.endpoints.enumerated() {
                try routes.add(endpoint.method.rawValue, endpoint.path, Place(runner: runner, index: index))
            }
        }
        self.routes = routes
    }

    package func route(_ method: String, _ path: String) -> Route {
        switch routes.match(method, path) {
        case .found(let place, let values): .endpoint(runner: place.runner, index: place.index, values: values)
        case .otherMethods(let methods): .otherMethods(methods)
        case .none: .none
        }
    }

    /// The endpoint that a route leads to.
    package func endpoint(_ route: Route) -> Endpoint? {
        guard case .endpoint(let runner, let index, _) = route else { return nil }
        return runners[runner].endpoints[index]
    }

    // MARK: Running

    package func run(_ request: WebRequest) async -> WebResponse {
        await run(request, route(request.method, request.path))
    }

    /// Runs a request whose route is known, and fills in its page's parts, in parallel. Parts of other processes are
    /// left to the gateway, if the request comes from one.
    package func run(_ asked: WebRequest, _ route: Route) async -> WebResponse {
        let request = own(asked)
        let response = await single(request, route)
        guard let page = IncludingPage(response) else { return response }
        let parts = await withTaskGroup(of: (Int, [UInt8]?).self) { group in
            for (index, path) in page.paths.enumerated() {
                group.addTask {
                    let part = part(of: request, path)
                    let place = self.route("GET", part.path)
                    if request.isFromGateway, case .none = place { return (index, nil) }
                    return (index, included(await single(part, place), request, quiet: page.quiet[index]))
                }
            }
            var parts = [[UInt8]?](repeating: nil, count: page.paths.count)
            for await (index, bytes) in group { parts[index] = bytes }
            return parts
        }
        return page.filled(parts)
    }

    /// Like ``run(_:)``, but blocks the calling thread: for tests and the simulator.
    package func runNow(_ asked: WebRequest) -> WebResponse {
        let request = own(asked)
        let response = singleNow(request, route(request.method, request.path))
        guard let page = IncludingPage(response) else { return response }
        return page.filled(
            zip(page.paths, page.quiet).map { path, quiet in
                let part = part(of: request, path)
                return included(singleNow(part, route("GET", part.path)), request, quiet: quiet)
            })
    }

    /// The path where the gateway requests the page for a service that is down. Any process can make it, because each
    /// knows the caller and the navigation. `/internal/away/tracker`; for the gateway only.
    package static let away = "/internal/away/"
    private static let inside = "/internal/"

    private func away(_ request: WebRequest) -> Problem? {
        guard request.path.begins(with: Entrance.away) else { return nil }
        return first.context.pages.away(
            String(request.path.dropFirst(Entrance.away.count)), first.language(of: request))
    }

    private func single(_ request: WebRequest, _ route: Route) async -> WebResponse {
        let (runner, step) = begin(request, route)
        return await runner.run(step)
    }

    private func singleNow(_ request: WebRequest, _ route: Route) -> WebResponse {
        let (runner, step) = begin(request, route)
        return runner.runNow(step)
    }

    /// Who handles a request, and with which step they begin.
    private func begin(_ request: WebRequest, _ route: Route) -> (EndpointRunner, RequestStep) {
        let isInside = request.path.begins(with: Entrance.inside)
        switch route {
        case .endpoint(let runner, let index, let values):
            return (runners[runner], .begin(request, runners[runner].endpoints[index], values: values))
        case .otherMethods(let methods) where !isInside: return (first, .end(first.wrongMethod(request, methods)))
        case .none where isInside && request.isFromGateway:
            // The page must not link back to an address that only the gateway knows.
            var page = request
            page.path = "/"
            return (first, .stray(page, away(request) ?? .notFound))
        case .otherMethods, .none: return (first, .stray(request, .notFound))
        }
    }

    /// The caller, as the first service knows them.
    /// - Throws: a 401 or 403 problem, or a storage error.
    package func authenticate(_ request: WebRequest) async throws -> Person {
        try await first.authenticate(own(request))
    }

    /// Whether the caller may make the request. Checked before its body is read; the endpoint's transaction checks
    /// again.
    ///
    /// - Returns: the caller; `nil` if anyone may make the request.
    /// - Throws: a problem if it would be refused, whatever its body.
    package func admit(_ request: WebRequest, _ route: Route) async throws -> ID? {
        guard case .endpoint(let runner, let index, _) = route else { return nil }
        return try await runners[runner].admit(own(request), endpoint: index)
    }

    /// The answer for a request that is refused before it is completely read: it is too large, or the caller may not
    /// make it.
    package func refusal(_ request: WebRequest, _ route: Route, _ error: any Error) -> WebResponse {
        guard case .endpoint(let runner, let index, _) = route else {
            return first.refusal(own(request), error as? Problem ?? Problem(500, "web.internal"))
        }
        return runners[runner].refusal(own(request), runners[runner].endpoints[index], error)
    }

    /// The request, with the names of our cookies as they are here.
    private func own(_ request: WebRequest) -> WebRequest {
        var request = request
        request.headers.cookiePrefix = first.context.cookiePrefix
        return request
    }

    // MARK: Includes

    /// The request for a part: the same caller and cookies, another path, no body.
    private func part(of request: WebRequest, _ path: String) -> WebRequest {
        var part = WebRequest(
            "GET", path, headers: request.headers, address: request.address, id: request.id,
            credential: request.credential)
        part.headers.contentType = nil
        part.headers.idempotencyKey = nil
        return part
    }

    /// The content for a part's place: the part, nothing if the caller may not see it, or else a line that says that it
    /// is unavailable.
    private func included(_ response: WebResponse, _ request: WebRequest, quiet: Bool) -> [UInt8] {
        switch response.status {
        case 200 where response.kind == .fragment: return response.body
        case 401, 403: return []
        case _ where quiet: return []
        default:
            let text = first.context.pages.text(
                "web.part-away", values: [:], language: first.language(of: request))
            return Array("<p class=\"notice warn\">\(text)</p>".utf8)
        }
    }
}
