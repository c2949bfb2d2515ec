import AsyncHTTPClient
import HTTPDriver
import HTTPTypes
import Hosting
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ServiceKit
import ServiceLifecycle
import Values
import Web

/// Answers requests from outside: a few paths by itself, all others through a process of the service that declared
/// them.
struct GatewayResponder: HTTPResponder {
    typealias Context = RequestConnection

    let options: GatewayOptions
    let serverOptions: HTTPServer.Options
    let directions: RouteMap
    let carrier: ProxyClient
    let acquaintance: IdentityKeys
    let refusals: Refusals
    let headers: ResponseHeaders
    let figures: RequestFigures
    let figuresGuard: FiguresGuard
    let live: LiveMerge
    let persons: Buckets<ID>
    let addresses: NetworkBuckets
    let environment: Values.Environment
    let log: Logger
    let isStopping: @Sendable () -> Bool

    /// Bodies of endpoints that take at most this many bytes are read completely before a process is asked. So a slow
    /// caller does not keep the process waiting, and a request that was not begun can be sent to another process.
    private static let smallBody = 1 << 20
    /// The largest page into which parts are inserted.
    private static let largestPage = 16 << 20

    func respond(to request: Request, context: Context) async throws -> Response {
        let start = ContinuousClock.now
        let visit = InboundRequest(
            request, peer: context.peer, proxies: options.trustedProxies, cookiePrefix: refusals.cookiePrefix,
            id: environment.newID().description)
        var route = "-"
        let response: Response
        if !request.namesOneHost {
            response = refuse(Problem(400, "web.host"), visit.asProgram)
        } else if let own = await own(visit) {
            route = visit.path.hasPrefix("/assets/") ? "/assets" : visit.path
            response = own
        } else if let wait = limit(visit) {
            response = refuse(GatewayResponder.tooMany(wait), visit)
        } else if visit.path == "/live" {
            route = "/live"
            response = await stream(visit)
        } else {
            (route, response) = await routed(visit, context)
        }
        let taken = start.duration(to: .now)
        figures.count(visit.web.method, route, response.status.code, taken)
        note(visit, route, response.status.code, taken)
        return visit.web.method == "HEAD" ? response.createHeadResponse() : response
    }

    private static func tooMany(_ wait: Int) -> Problem {
        Problem(429, "gateway.too-many", values: ["seconds": String(wait)], retryAfter: wait)
    }

    // MARK: To a process

    private func routed(_ visit: InboundRequest, _ context: Context) async -> (String, Response) {
        switch directions.way(visit.web.method, visit.path) {
        case .to(let place): return (place.endpoint.path, await carried(visit, place, context))
        case .otherMethods(let methods):
            var response = refuse(
                Problem(405, "web.method", values: ["methods": methods.joined(separator: ", ")]), visit)
            response.headers[.allow] = methods.joined(separator: ", ")
            return ("-", response)
        case .none: return ("-", await strayed(visit, Problem.notFound, asking: "/internal/missing"))
        }
    }

    private func carried(_ visit: InboundRequest, _ place: RouteMap.Place, _ context: Context) async -> Response {
        var errand = ProxyRequest(
            method: visit.web.method, target: visit.web.target, headers: visit.inner(options.key))
        // The length of a page is only known once its parts are inserted.
        if errand.method == "HEAD", place.endpoint.kind == .page { errand.method = "GET" }
        errand.isLanding = place.endpoint.isLanding
        var upload: Upload?
        do {
            (errand.body, upload) = try await body(visit, place.endpoint, context)
            if upload != nil { errand.bodyTime = milliseconds(serverOptions.bodyTime(place.endpoint.bodyLimit)) }
            let reply = try await carrier.send(errand, to: place.part)
            // If nobody has asked for the body by now, nobody will.
            upload?.pipe.close()
            return await answer(reply, visit, upload, context)
        } catch {
            upload?.pipe.close()
            _ = await upload?.end()
            return await failed(error, visit, place)
        }
    }

    private func body(
        _ visit: InboundRequest, _ endpoint: Endpoint, _ context: Context
    ) async throws -> (ProxyRequest.Body, Upload?) {
        // Nobody would look at the body of a request that only reads.
        guard endpoint.method != .get else { return (.none, nil) }
        do {
            let limit = endpoint.bodyLimit
            let length = try visit.request.bodyLength(limit: limit)
            if length == 0 { return (.none, nil) }
            if length ?? limit > HTTPServer.anyonesBody, endpoint.access != .anyone, !isKnown(visit) {
                throw Problem.signInNeeded
            }
            let pace = SenderPace(serverOptions)
            if limit > GatewayResponder.smallBody {
                let upload = Upload(visit.request, context, limit: limit, at: pace)
                return (.upload(upload, length: length.map { Int64($0) }), upload)
            }
            return (.bytes(try await whole(visit, limit, pace, context)), nil)
        } catch let problem as Problem {
            throw ProxyClient.Failure.caller(problem)
        }
    }

    /// Whether the caller's token is valid as far as the gateway can tell; the service checks again. While Identity's
    /// keys are not known yet, only the service checks.
    private func isKnown(_ visit: InboundRequest) -> Bool {
        guard let token = visit.token else { return false }
        return acquaintance.person(token) != nil || !acquaintance.hasKeys
    }

    private func whole(
        _ visit: InboundRequest, _ limit: Int, _ pace: SenderPace, _ context: Context
    ) async throws -> ByteBuffer {
        await context.wantBody(of: visit.request)
        var pace = pace
        var whole = ByteBuffer()
        var asked = ContinuousClock.now
        for try await piece in visit.request.body {
            guard whole.readableBytes + piece.readableBytes <= limit else { throw EndpointRunner.tooLarge(limit) }
            try pace.came(piece.readableBytes, after: asked.duration(to: .now))
            whole.writeImmutableBuffer(piece)
            asked = .now
        }
        return whole
    }

    private func milliseconds(_ duration: Duration) -> Int64 { duration.components.seconds * 1000 }

    // MARK: From a process

    private func answer(
        _ reply: ProxyClient.Reply, _ visit: InboundRequest, _ upload: Upload?, _ context: Context
    ) async -> Response {
        let status = HTTPResponse.Status(code: reply.status)
        let given = reply.response.headers
        var fields = visit.outer(given, headers.common)
        if given.contains(name: IncludingPage.header) {
            _ = await upload?.end()
            return await filled(reply, visit, fields)
        }
        let length = given.first(name: "content-length").flatMap { Int($0) }
        if visit.web.method == "HEAD" || reply.status == 204 || reply.status == 304 {
            if let length { fields[.contentLength] = String(length) }
            return Response(status: status, headers: fields)
        }
        // The connection ends with this answer if nobody waits for the rest of the request.
        let channel = context.channel
        let deadline = ContinuousClock.now + .milliseconds(options.times.whole)
        let body = ResponseBody(contentLength: length) { writer in
            try await pass(reply, to: &writer, until: deadline)
            if let upload, await upload.end() == false { channel.close(promise: nil) }
        }
        return Response(status: status, headers: fields, body: body)
    }

    /// Passes an answer on piece by piece, as fast as the caller takes it.
    private func pass(
        _ reply: ProxyClient.Reply, to writer: inout any ResponseBodyWriter, until deadline: ContinuousClock.Instant
    ) async throws {
        var pieces = reply.response.body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do {
                piece = try await pieces.next()
            } catch {
                // The caller sees that the answer is cut off: the connection ends.
                carrier.note("lost", reply.upstream, error)
                throw error
            }
            guard let piece else { break }
            try await writer.write(piece)
            guard ContinuousClock.now < deadline else { throw ProxyClient.Failure.slow }
        }
        try await writer.finish(nil)
    }

    /// A page with the parts of other services inserted. All parts are requested at once, on behalf of the same caller.
    private func filled(_ reply: ProxyClient.Reply, _ visit: InboundRequest, _ fields: HTTPFields) async -> Response {
        let status = HTTPResponse.Status(code: reply.status)
        guard let bytes = try? await reply.response.body.collect(upTo: GatewayResponder.largestPage) else {
            return refuse(refusals.problem(.lost, "operations", visit), visit)
        }
        var page = WebResponse(status: reply.status, body: Array(bytes.readableBytesView))
        page.kind = .page
        guard let including = IncludingPage(page) else {
            return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: bytes))
        }
        let parts = await withTaskGroup(of: (Int, [UInt8]).self) { group in
            for (index, path) in including.paths.enumerated() {
                let quiet = including.quiet[index]
                group.addTask { (index, await part(path, visit) ?? (quiet ? [] : refusals.missingPart(visit))) }
            }
            return await group.reduce(into: [[UInt8]?](repeating: [], count: including.paths.count)) { $0[$1.0] = $1.1 }
        }
        let whole = ByteBuffer(bytes: including.filled(parts).body)
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: whole))
    }

    /// What replaces a mark: the part; empty if the caller may not see it; `nil` if it is not available.
    private func part(_ target: String, _ visit: InboundRequest) async -> [UInt8]? {
        let path = String(target.prefix { $0 != "?" })
        guard case .to(let place) = directions.way("GET", path), place.endpoint.kind == .fragment else {
            return nil
        }
        let errand = ProxyRequest(method: "GET", target: target, headers: visit.innerPart(options.key))
        guard let reply = try? await carrier.send(errand, to: place.part),
            let bytes = try? await reply.response.body.collect(upTo: GatewayResponder.largestPage)
        else { return nil }
        return switch reply.status {
        case 200: Array(bytes.readableBytesView)
        case 401, 403: []
        default: nil
        }
    }

    // MARK: Refusing

    private func failed(_ error: any Error, _ visit: InboundRequest, _ place: RouteMap.Place) async -> Response {
        let failure = error as? ProxyClient.Failure ?? .caller(Problem(400, "web.encoding"))
        let problem = refusals.problem(failure, place.part, visit)
        if case .caller = failure { return written(refusals.response(problem, of: place.endpoint, visit), visit) }
        guard case .away = failure, place.endpoint.kind == .page || place.endpoint.kind == .form else {
            return refuse(problem, visit)
        }
        return await strayed(visit, problem, asking: Entrance.away + place.part)
    }

    /// The page for a problem. Any process may make it; it knows the caller and so includes the navigation. If no
    /// process is available, and for programs, the gateway makes its own answer.
    private func strayed(_ visit: InboundRequest, _ problem: Problem, asking path: String) async -> Response {
        let isPage = visit.path != "/api" && !visit.path.hasPrefix("/api/")
        guard isPage, ["GET", "HEAD", "POST"].contains(visit.web.method) else { return refuse(problem, visit) }
        let errand = ProxyRequest(method: "GET", target: path, headers: visit.innerPart(options.key))
        guard let reply = try? await carrier.send(errand, to: nil), reply.status == problem.status
        else { return refuse(problem, visit) }
        if reply.response.headers.contains(name: IncludingPage.header) {
            return await filled(reply, visit, visit.outer(reply.response.headers, headers.common))
        }
        guard let bytes = try? await reply.response.body.collect(upTo: GatewayResponder.largestPage)
        else { return refuse(problem, visit) }
        return Response(
            status: .init(code: reply.status), headers: visit.outer(reply.response.headers, headers.common),
            body: ResponseBody(byteBuffer: bytes))
    }

    private func refuse(_ problem: Problem, _ visit: InboundRequest) -> Response {
        written(refusals.response(problem, visit), visit)
    }

    private func written(_ response: WebResponse, _ visit: InboundRequest) -> Response {
        Response(
            status: .init(code: response.status), headers: headers.fields(for: response, id: visit.id),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }

    /// Seconds to wait, if the address or the person has sent too many requests.
    private func limit(_ visit: InboundRequest) -> Int? {
        if let wait = addresses.take(visit.caller) { return wait }
        guard let token = visit.token, let person = acquaintance.person(token) else { return nil }
        return persons.take(person)
    }

    // MARK: By itself

    private func stream(_ visit: InboundRequest) async -> Response {
        guard visit.web.method == "GET" else { return refuse(Problem(405, "web.method"), visit) }
        switch await live.answer(visit) {
        case .stream(let response): return response
        case .wrong: return text("topics=a,b\n", visit, status: .badRequest)
        case .refused(let reply):
            let bytes = (try? await reply.response.body.collect(upTo: 65_536)) ?? ByteBuffer()
            return Response(
                status: .init(code: reply.status), headers: visit.outer(reply.response.headers, headers.common),
                body: ResponseBody(byteBuffer: bytes))
        }
    }

    private func own(_ visit: InboundRequest) async -> Response? {
        switch visit.path {
        case "/healthz", "/readyz", "/metrics": break
        case "/favicon.ico": return Asset.named("icon.svg").map { asset($0, visit) }
        default:
            guard visit.path.hasPrefix("/assets/") else { return nil }
            return await asset(visit)
        }
        guard visit.web.method == "GET" || visit.web.method == "HEAD" else {
            return text("GET it\n", visit, status: .methodNotAllowed)
        }
        switch visit.path {
        case "/healthz": return text("ok\n", visit)
        case "/readyz": return readiness(visit)
        default: return metrics(visit)
        }
    }

    /// A file that pages use. A file of another version comes from a process: during an upgrade both versions are in
    /// use.
    private func asset(_ visit: InboundRequest) async -> Response {
        let name = String(visit.path.dropFirst("/assets/".count))
        let own = Asset.named(name)
        if let own, visit.web.query.isEmpty || visit.web.query == "v=" + own.version { return asset(own, visit) }
        guard own != nil else { return refuse(.notFound, visit) }
        if let wait = limit(visit) { return refuse(GatewayResponder.tooMany(wait), visit) }
        let errand = ProxyRequest(method: "GET", target: visit.web.target, headers: visit.innerPart(options.key))
        guard let reply = try? await carrier.send(errand, to: nil),
            let bytes = try? await reply.response.body.collect(upTo: GatewayResponder.largestPage)
        else { return refuse(.notFound, visit) }
        return Response(
            status: .init(code: reply.status), headers: visit.outer(reply.response.headers, headers.common),
            body: ResponseBody(byteBuffer: bytes))
    }

    private func asset(_ asset: Asset, _ visit: InboundRequest) -> Response {
        var fields = headers.forAsset(type: asset.type, versioned: visit.web.query == "v=" + asset.version)
        fields[InnerHeader.requestID] = visit.id
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }

    /// The gateway is ready if each service has a process that is believed to run, and as long as it is not stopping.
    private func readiness(_ visit: InboundRequest) -> Response {
        if isStopping() { return text("stopping\n", visit, status: .serviceUnavailable) }
        let away = carrier.upstreams.away.sorted { $0.key < $1.key }
        guard !away.isEmpty else { return text("ready\n", visit) }
        return text(
            away.map { "\($0.key): away (\($0.value))\n" }.joined(), visit, status: .serviceUnavailable)
    }

    private func metrics(_ visit: InboundRequest) -> Response {
        guard figuresGuard.admits(visit.request, from: visit.peer) else {
            return text(FiguresGuard.refusal, visit, status: .forbidden)
        }
        var fields = headers.plain("text/plain; version=0.0.4; charset=utf-8", id: visit.id)
        fields[.cacheControl] = "no-store"
        return Response(
            status: .ok, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(string: figures.metrics.exposition(gauges()))))
    }

    private func gauges() -> [MetricsRegistry.Gauge] {
        carrier.upstreams.all.flatMap { upstream -> [MetricsRegistry.Gauge] in
            let label = ("upstream", upstream.address)
            let up = MetricsRegistry.Gauge(
                "popug_gateway_upstream_up", "Whether the process is thought to be there (its circuit is not open)",
                labels: [label], value: upstream.circuit.isOpen ? 0 : 1)
            return [up]
                + upstream.results.sorted { $0.key < $1.key }.map {
                    .init(
                        "popug_gateway_upstream_results", "What became of requests to the process, since the start",
                        labels: [label, ("result", $0.key)], value: Double($0.value))
                }
        }
    }

    private func text(_ text: String, _ visit: InboundRequest, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: headers.plain("text/plain; charset=utf-8", id: visit.id),
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    // MARK: Log

    /// Logs one line per request. The query stays out: it may hold what somebody searched for.
    private func note(_ visit: InboundRequest, _ route: String, _ status: Int, _ taken: Duration) {
        guard log.logLevel <= .info else { return }
        log.info(
            "request",
            metadata: [
                "request": "\(visit.id)", "method": "\(visit.web.method)",
                "path": "\(directions.paths.loggable(visit.path))",
                "route": "\(route)", "status": "\(status)", "ms": "\(RequestFigures.milliseconds(taken))",
                "address": "\(visit.address)",
            ])
    }
}
