import Values

/// The answer to a request.
package struct WebResponse: Sendable {
    package var status: Int
    /// Names in lower case. Without `content-length`, which is added when the answer is written.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The path template of the endpoint that answered, for metrics and logs: `/api/tasks/{task}`; `-` if none did.
    package var route = "-"
    package var kind: Endpoint.Kind = .api
    /// The caller, for the log.
    package var person: ID?

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of this name. The name must be in lower case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }
}
