import CCurl

/// HTTP from synchronous code: sends one request and waits for the answer.
package enum HTTPExchange {
    package struct Reply: Sendable {
        package let status: Int
        package let body: [UInt8]
    }

    /// Sends a request and returns the answer, whatever its status. It follows no redirects, keeps no cookies, uses no
    /// proxy for this machine, and checks certificates.
    /// - Parameters:
    ///   - headers: their values must not hold line ends.
    ///   - seconds: for everything together.
    ///   - connecting: seconds until the connection stands.
    ///   - limit: the largest answer in bytes.
    ///   - halt: ends it early.
    /// - Throws: ``CurlError`` if no complete answer came.
    @available(*, noasync)
    package static func send(
        _ method: String, _ url: String, headers: [(name: String, value: String)], body: [UInt8], seconds: Int = 20,
        connecting: Int = 10, limit: Int = 1 << 20, cancellation: Cancellation? = nil
    ) throws -> Reply {
        let handle = try EasyHandle()
        if let cancellation { try handle.heed(cancellation) }
        try handle.set(CURLOPT_URL, url)
        try handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try handle.set(CURLOPT_NOPROXY, "127.0.0.1,localhost,::1")
        try handle.set(CURLOPT_CONNECTTIMEOUT, min(connecting, seconds))
        try handle.set(CURLOPT_TIMEOUT, seconds)
        // `Expect` would make curl wait a second for servers that do not know it.
        try handle.set(CURLOPT_HTTPHEADER, headers.map { "\($0.name): \($0.value)" } + ["Expect:"])
        if method == "POST" || method == "PUT" {
            try handle.send(body)
            try handle.set(CURLOPT_CUSTOMREQUEST, method)
        } else if method != "GET" {
            try handle.set(CURLOPT_CUSTOMREQUEST, method)
        }
        let received = try handle.perform(limit: limit)
        return Reply(status: handle.status, body: received)
    }
}
