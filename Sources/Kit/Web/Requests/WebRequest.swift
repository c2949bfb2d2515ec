import Values

/// An incoming request, from a socket, the simulator or a test.
package struct WebRequest: Sendable {
    /// `GET`, `POST`…; `HEAD` is answered like `GET`, and the code that writes the answer leaves the body out.
    package var method: String
    /// As sent, still percent-encoded, without the query.
    package var path: String
    /// As sent, without the question mark.
    package var query: String
    package var headers: Headers
    package var body: [UInt8]
    /// The caller's network address, for throttling only.
    package var address: String
    /// Made by the server or the gateway, never taken from the caller. It follows an event through every service.
    package var id: String
    package var credential: Credential
    /// The request comes from the gateway, which fills in the parts of a page that no service here can answer.
    package var isFromGateway = false

    /// Where the caller's identity is found.
    package enum Credential: Sendable, Hashable {
        /// In the cookie or the `Authorization` header.
        case headers
        /// The request came over the socket in the data folder, which only the folder's owner can open: trusted to be
        /// this person.
        case local(ID)
        /// The request comes from another service of this process, not from a person.
        case inside
    }

    /// The headers that the code reads.
    package struct Headers: Sendable, Hashable {
        package var cookie: String?
        package var authorization: String?
        package var contentType: String?
        package var idempotencyKey: String?
        package var origin: String?
        package var fetchSite: String?
        package var acceptLanguage: String?
        package var host: String?
        /// The page from which a link or a form led here, according to the browser. It is checked before it is used.
        package var referer: String?
        /// What the browser or program calls itself. Only a claim, for people to recognize their devices by.
        package var userAgent: String?
        /// `Popug-Signature`: another program's proof that it wrote the body.
        package var signature: String?
        /// `X-Live`: the topics that have changed since the page was made, if its script asks for changes.
        package var live: String?
        /// `Popug-From: browser`: the token in `authorization` came in a browser's cookie, so another site could have
        /// caused the request. It makes checks only stricter, so anyone may send it.
        package var isFromBrowser = false
        /// The prefix of our cookies' names, see ``EndpointRunner/Context/cookiePrefix``.
        package var cookiePrefix = ""

        package init(
            cookie: String? = nil, authorization: String? = nil, contentType: String? = nil,
            idempotencyKey: String? = nil, origin: String? = nil, fetchSite: String? = nil,
            acceptLanguage: String? = nil, host: String? = nil, signature: String? = nil, referer: String? = nil,
            userAgent: String? = nil
        ) {
            self.cookie = cookie
            self.authorization = authorization
            self.contentType = contentType
            self.idempotencyKey = idempotencyKey
            self.origin = origin
            self.fetchSite = fetchSite
            self.acceptLanguage = acceptLanguage
            self.host = host
            self.signature = signature
            self.referer = referer
            self.userAgent = userAgent
        }

        /// The value of one of our cookies; the first, if several have the same name.
        package func cookie(named plain: String) -> String? {
            guard let cookie else { return nil }
            let name = cookiePrefix + plain
            for pair in cookie.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == 0x20 }
                guard pair.starts(with: name.utf8) else { continue }
                let rest = pair.dropFirst(name.utf8.count)
                if rest.first == UInt8(ascii: "=") { return String(decoding: rest.dropFirst(), as: UTF8.self) }
            }
            return nil
        }
    }

    /// - Parameter target: the path, with the query if there is one.
    package init(
        _ method: String, _ target: String, headers: Headers = Headers(), body: [UInt8] = [],
        address: String = "127.0.0.1", id: String = "local", credential: Credential = .headers
    ) {
        self.method = method
        let parts = target.parts(at: "?", most: 2)
        path = parts[0]
        query = parts.count > 1 ? parts[1] : ""
        self.headers = headers
        self.body = body
        self.address = address
        self.id = id
        self.credential = credential
    }

    /// The token came in a cookie, or there is none. So the request may come from a browser, and another site may have
    /// caused it.
    var isByBrowser: Bool { credential == .headers && (headers.authorization == nil || headers.isFromBrowser) }

    /// Path and query, as they were sent.
    package var target: String { query.isEmpty ? path : path + "?" + query }
}
