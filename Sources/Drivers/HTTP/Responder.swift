import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Values
import Web

/// Answers requests: the server's own few paths, and all endpoints through the ``Entrance``.
struct Responder: HTTPResponder {
    typealias Context = RequestConnection

    /// A path of the server's own.
    private enum Own: Sendable {
        case health, readiness, metrics, live
        case asset(Asset)
        case local(@Sendable (_ query: String) async throws -> [UInt8])
    }

    private let entrance: Entrance
    private let options: HTTPServer.Options
    private let hooks: HTTPServer.Hooks
    private let environment: Values.Environment
    private let log: Logger
    private let headers: ResponseHeaders
    private let figures: RequestFigures
    private let figuresGuard: FiguresGuard
    private let live: LiveUpdates
    private let own: [String: Own]
    private let uploads: FairTurnstile<ID>
    /// Bodies of at most this many bytes are received without a limit on how many come at once.
    private static let smallBody = 1 << 20

    init(
        entrance: Entrance, options: HTTPServer.Options, hooks: HTTPServer.Hooks, metrics: MetricsRegistry,
        environment: Values.Environment, log: Logger
    ) {
        self.entrance = entrance
        self.options = options
        self.hooks = hooks
        self.environment = environment
        self.log = log
        headers = ResponseHeaders(secure: options.publicAddress.hasPrefix("https://"))
        figures = RequestFigures(metrics: metrics)
        figuresGuard = FiguresGuard(options)
        uploads = FairTurnstile(places: options.mostUploads, each: options.mostUploadsOfOne)
        live = LiveUpdates(entrance: entrance, source: hooks.live, options: options)
        var own: [String: Own] = [
            "/healthz": .health, "/readyz": .readiness, "/metrics": .metrics, "/live": .live,
        ]
        for asset in Asset.all { own["/assets/" + asset.name] = .asset(asset) }
        if let icon = Asset.named("icon.svg") { own["/favicon.ico"] = .asset(icon) }
        for (path, run) in hooks.local { own[path] = .local(run) }
        self.own = own
    }

    func respond(to request: Request, context: RequestConnection) async throws -> Response {
        let start = ContinuousClock.now
        var web = webRequest(request, context)
        let id = web.id
        let response: Response
        var route = "-"
        var person: ID?
        if !request.namesOneHost {
            var api = web
            api.path = "/api"
            response = written(entrance.refusal(api, .none, Problem(400, "web.host")), id: id, on: nil)
        } else if let known = own[web.path] {
            route = web.path
            response = try await answer(known, request, &web, context)
        } else {
            let result = try await endpoint(request, &web, context)
            route = result.route
            person = result.person
            response = written(result, id: id, on: result.status == 408 ? context.channel : nil)
        }
        let taken = start.duration(to: .now)
        figures.count(web.method, route, response.status.code, taken)
        note(web, route, response.status.code, taken, person)
        return web.method == "HEAD" ? response.createHeadResponse() : response
    }

    // MARK: Endpoints

    private func endpoint(
        _ request: Request, _ web: inout WebRequest, _ context: RequestConnection
    ) async throws -> WebResponse {
        let route = entrance.route(web.method, web.path)
        guard let limit = entrance.endpoint(route)?.bodyLimit else {
            web.credential = try await hooks.credential()
            return await entrance.run(web, route)
        }
        do {
            web.credential = try await hooks.credential()
            let length = try request.bodyLength(limit: limit)
            // A caller who may not send a body is told before it comes: if the sender waits to hear that, or sends
            // much.
            let isLarge = length ?? limit > HTTPServer.anyonesBody
            let sender = isLarge || request.headers[.expect] != nil ? try await entrance.admit(web, route) : nil
            // A file is held in memory until it is stored, so only a few may come in at a time.
            let isFile = limit > Responder.smallBody && isLarge
            if isFile, !uploads.enter(sender) { throw Problem(503, "web.busy", retryAfter: 5) }
            defer { if isFile { uploads.leave(sender) } }
            web.body = try await body(of: request, length, limit: limit, context)
            return await entrance.run(web, route)
        } catch {
            return entrance.refusal(web, route, error)
        }
    }

    private func body(
        of request: Request, _ length: Int?, limit: Int, _ context: RequestConnection
    ) async throws -> [UInt8] {
        if length == 0 { return [] }
        await context.wantBody(of: request)
        var pace = SenderPace(options)
        var body: [UInt8] = []
        if let length { body.reserveCapacity(length) }
        var asked = ContinuousClock.now
        do {
            for try await buffer in request.body {
                guard body.count + buffer.readableBytes <= limit else { throw EndpointRunner.tooLarge(limit) }
                try pace.came(buffer.readableBytes, after: asked.duration(to: .now))
                body.append(contentsOf: buffer.readableBytesView)
                asked = .now
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            // This was not HTTP, or the sender is gone.
            throw Problem(400, "web.encoding")
        }
        return body
    }

    /// - Parameter ending: the connection, if it ends with this answer because nobody waits for the rest of the
    ///   request.
    private func written(_ result: WebResponse, id: String, on ending: (any Channel)?) -> Response {
        let status = HTTPResponse.Status(code: result.status)
        var fields = headers.fields(for: result, id: id)
        if let ending {
            fields[.connection] = "close"
            let bytes = ByteBuffer(bytes: result.body)
            let body = ResponseBody(contentLength: bytes.readableBytes) { writer in
                try await writer.write(bytes)
                try await writer.finish(nil)
                ending.close(promise: nil)
            }
            return Response(status: status, headers: fields, body: body)
        }
        guard !result.body.isEmpty else { return Response(status: status, headers: fields) }
        return Response(
            status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: result.body)))
    }

    private func webRequest(_ request: Request, _ context: RequestConnection) -> WebRequest {
        let fields = request.headers
        var web = WebRequest(
            request.method.rawValue, request.head.path ?? "/",
            headers: WebRequest.Headers(
                cookie: fields[.cookie], authorization: fields[.authorization], contentType: fields[.contentType],
                idempotencyKey: fields[ResponseHeaders.idempotencyKey], origin: fields[.origin],
                fetchSite: fields[ResponseHeaders.fetchSite], acceptLanguage: fields[.acceptLanguage],
                host: request.head.authority, signature: fields[ResponseHeaders.signature], referer: fields[.referer],
                userAgent: fields[.userAgent]),
            address: caller(fields, context)?.description ?? "", id: "")
        web.headers.live = fields[ResponseHeaders.live]
        web.headers.isFromBrowser = fields[InnerHeader.from] == InnerHeader.browser
        web.isFromGateway = options.gatewayKey?.accepts(fields[InnerHeader.gateway]) ?? false
        if web.isFromGateway {
            web.id = fields[InnerHeader.requestID].flatMap { ID($0) }?.description ?? ""
        }
        if web.id.isEmpty { web.id = environment.newID().description }
        return web
    }

    /// Where a request comes from. If the gateway sent it, the gateway has found that out already.
    private func caller(_ fields: HTTPFields, _ context: RequestConnection) -> NetworkAddress? {
        let chain = fields[InnerHeader.forwardedFor]
        if options.gatewayKey?.accepts(fields[InnerHeader.gateway]) == true {
            return chain.flatMap { NetworkAddress(hop: $0) } ?? context.peer
        }
        return context.peer.map { options.trustedProxies.caller(peer: $0, forwardedFor: chain) }
    }

    // MARK: Paths of the server's own

    private func answer(
        _ own: Own, _ request: Request, _ web: inout WebRequest, _ context: RequestConnection
    ) async throws -> Response {
        if case .local(let run) = own, web.method == "POST" { return await local(run, web) }
        guard web.method == "GET" || web.method == "HEAD" else {
            var fields = headers.plain("text/plain; charset=utf-8", id: web.id)
            fields[.allow] = "GET, HEAD"
            return Response(status: .methodNotAllowed, headers: fields)
        }
        switch own {
        case .health: return text("ok\n", web.id)
        case .readiness: return await readiness(web.id)
        case .metrics: return await metrics(request, web, context)
        case .live:
            web.credential = try await hooks.credential()
            return await live.response(to: request, web, headers: headers)
        case .asset(let asset):
            let versioned = web.query == "v=" + asset.version
            var fields = headers.forAsset(type: asset.type, versioned: versioned)
            fields[InnerHeader.requestID] = web.id
            return Response(
                status: .ok, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
        case .local: return text("POST it\n", web.id, status: .methodNotAllowed)
        }
    }

    private func local(
        _ run: @Sendable (_ query: String) async throws -> [UInt8], _ web: WebRequest
    ) async -> Response {
        do {
            return Response(
                status: .ok, headers: headers.plain("application/json", id: web.id),
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: try await run(web.query))))
        } catch {
            return text("\(error)\n", web.id, status: .serviceUnavailable)
        }
    }

    private func readiness(_ id: String) async -> Response {
        let reasons = await hooks.unready()
        guard !reasons.isEmpty else { return text("ready\n", id) }
        let lines = reasons.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
        return text(lines, id, status: .serviceUnavailable)
    }

    private func metrics(_ request: Request, _ web: WebRequest, _ context: RequestConnection) async -> Response {
        guard figuresGuard.admits(request, from: context.peer) else {
            return text(FiguresGuard.refusal, web.id, status: .forbidden)
        }
        let text = figures.metrics.exposition(await hooks.gauges())
        let fields = headers.plain("text/plain; version=0.0.4; charset=utf-8", id: web.id)
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func text(_ text: String, _ id: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: headers.plain("text/plain; charset=utf-8", id: id),
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    // MARK: Log

    /// Logs one line per request. The query stays out: it may hold what somebody searched for.
    private func note(_ web: WebRequest, _ route: String, _ status: Int, _ taken: Duration, _ person: ID?) {
        guard log.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "request": "\(web.id)", "method": "\(web.method)", "path": "\(entrance.paths.loggable(web.path))",
            "route": "\(route)",
            "status": "\(status)", "ms": "\(RequestFigures.milliseconds(taken))", "address": "\(web.address)",
        ]
        if let person { metadata["person"] = "\(person)" }
        log.info("request", metadata: metadata)
    }
}
