import HTTPDriver
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Values
import Web

/// A request as it came in from outside, and the parts of it that are passed on inside.
struct InboundRequest: Sendable {
    let request: Request
    let id: String
    /// The other end of the connection: the caller, or a proxy.
    let peer: NetworkAddress?
    /// The caller's address, not a proxy's.
    let caller: NetworkAddress?
    /// As it is passed on and logged; empty if it is not known.
    let address: String
    private(set) var path: String
    /// The request in the Kit's form, for answers that the gateway gives by itself.
    private(set) var web: WebRequest
    /// The caller's token in `Authorization` or in the cookie.
    let token: String?
    private let isFromBrowser: Bool

    /// - Parameter cookiePrefix: the prefix of our cookies' names.
    init(_ request: Request, peer: NetworkAddress?, proxies: AddressSet, cookiePrefix: String, id: String) {
        self.request = request
        self.id = id
        let fields = request.headers
        self.peer = peer
        caller = peer.map { proxies.caller(peer: $0, forwardedFor: fields[InnerHeader.forwardedFor]) }
        address = caller?.description ?? ""
        var web = WebRequest(
            request.method.rawValue, request.head.path ?? "",
            headers: WebRequest.Headers(
                cookie: fields[.cookie], authorization: fields[.authorization], acceptLanguage: fields[.acceptLanguage],
                host: request.head.authority, referer: fields[.referer]),
            address: address, id: id)
        web.headers.cookiePrefix = cookiePrefix
        if let header = fields[.authorization] {
            isFromBrowser = false
            token = header.lowercased().hasPrefix("bearer ") ? String(header.dropFirst(7)) : nil
        } else {
            token = web.headers.cookie(named: EndpointRunner.sessionCookie).flatMap { $0.isEmpty ? nil : $0 }
            isFromBrowser = token != nil
        }
        web.headers.authorization = nil
        self.web = web
        path = web.path
    }

    /// The same request, answered as to a program: with a document, not a page.
    var asProgram: InboundRequest {
        var visit = self
        visit.path = "/api"
        visit.web.path = "/api"
        return visit
    }

    // MARK: Going in

    /// Headers that are not named here are not passed on.
    private static let passed: [HTTPField.Name] = [
        .accept, .acceptLanguage, .contentType, .origin, .referer, .userAgent, .ifNoneMatch,
        ResponseHeaders.idempotencyKey,
        ResponseHeaders.fetchSite, ResponseHeaders.signature, ResponseHeaders.live,
    ]

    /// The headers for the request to a process.
    func inner(_ key: GatewayKey) -> HTTPHeaders {
        var headers = HTTPHeaders()
        let fields = request.headers
        if let host = request.head.authority { headers.add(name: "Host", value: host) }
        for name in InboundRequest.passed {
            if let value = fields[name] { headers.add(name: name.rawName, value: value) }
        }
        if isFromBrowser, let token {
            headers.add(name: "Authorization", value: "Bearer " + token)
            headers.add(name: InnerHeader.from.rawName, value: InnerHeader.browser)
        } else if let header = fields[.authorization] {
            headers.add(name: "Authorization", value: header)
        }
        if let cookie = fields[.cookie].map(withoutSession), !cookie.isEmpty {
            headers.add(name: "Cookie", value: cookie)
        }
        headers.add(name: InnerHeader.gateway.rawName, value: key.text)
        headers.add(name: InnerHeader.forwardedFor.rawName, value: address)
        headers.add(name: InnerHeader.requestID.rawName, value: id)
        return headers
    }

    /// As ``inner(_:)``, for a part of the page: without a body, and without headers that are meant for the page alone.
    func innerPart(_ key: GatewayKey) -> HTTPHeaders {
        var headers = inner(key)
        for name in ["Content-Type", "Idempotency-Key", "If-None-Match", "Popug-Signature"] {
            headers.remove(name: name)
        }
        return headers
    }

    private func withoutSession(_ cookie: String) -> String {
        let name = web.headers.cookiePrefix + EndpointRunner.sessionCookie
        return cookie.split(separator: ";").map { $0.drop(while: { $0 == " " }) }
            .filter { !$0.hasPrefix(name + "=") }.joined(separator: "; ")
    }

    // MARK: Coming out

    /// Headers for one connection only, or headers that the gateway sets itself.
    private static let dropped: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "te", "trailer", "transfer-encoding",
        "upgrade", "content-length", "date", "server", "x-request-id", IncludingPage.header,
    ]

    /// The headers of a process's answer, together with those that keep a page safe, each once.
    func outer(_ given: HTTPHeaders, _ common: HTTPFields) -> HTTPFields {
        let named = Set(given[canonicalForm: "connection"].map { $0.lowercased() })
        var fields = HTTPFields()
        for (name, value) in given {
            let lower = name.lowercased()
            guard !InboundRequest.dropped.contains(lower), !named.contains(lower), let name = HTTPField.Name(name)
            else {
                continue
            }
            fields.append(HTTPField(name: name, value: value))
        }
        for field in common { fields[field.name] = fields[values: field.name].first ?? field.value }
        fields[InnerHeader.requestID] = id
        return fields
    }
}
