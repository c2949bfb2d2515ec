import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Values

/// A program that uses a real server's API with a token.
package struct APIClient: Sendable {
    package var address: String
    package var token: String?

    package init(address: String, token: String? = nil) {
        self.address = address
        self.token = token
    }

    package struct Response: Sendable {
        package let status: Int
        package let headers: [String: String]
        package let body: [UInt8]
        package var text: String { String(decoding: body, as: UTF8.self) }

        /// The body as a JSON object; empty if the body is not an object.
        package var object: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        }
    }

    /// - Parameter seconds: how long the whole answer may take.
    /// - Throws: if no answer comes: the server is away, or died.
    package func send(
        _ method: String, _ path: String, json: String? = nil, body: [UInt8]? = nil, type: String? = nil,
        key: String? = nil, headers: [String: String] = [:], seconds: Int64 = 30
    ) async throws -> Response {
        var request = HTTPClientRequest(url: address + path)
        request.method = .RAW(value: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if let type = type ?? (json == nil ? nil : "application/json") {
            request.headers.add(name: "Content-Type", value: type)
        }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let content = body ?? json.map({ Array($0.utf8) }) { request.body = .bytes(ByteBuffer(bytes: content)) }
        let complete = request
        return try await withThrowingTaskGroup(of: Response?.self) { group in
            group.addTask { try await APIClient.exchange(complete, seconds) }
            // The client's own timeout no longer applies after the head of the answer.
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next(), let answer else { throw HTTPClientError.deadlineExceeded }
            return answer
        }
    }

    private static func exchange(_ request: HTTPClientRequest, _ seconds: Int64) async throws -> Response {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(seconds))
        let collected = try await response.body.collect(upTo: 256 << 20)
        return Response(
            status: Int(response.status.code),
            headers: Dictionary(
                response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $0 + ", " + $1 }),
            body: Array(collected.readableBytesView))
    }
}
