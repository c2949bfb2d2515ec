import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Values
import Web

/// A server or a gateway at some address, used with a program's token.
final class RemoteConnection: ProgramConnection {
    private let client: HTTPClient
    private let base: String
    private let token: String

    /// - Throws: ``Failure`` for an invalid address.
    init(_ address: String, token: String) throws {
        guard let url = URL(string: address), let host = url.host, ["http", "https"].contains(url.scheme) else {
            throw Failure(.usage, "--server must be like https://popug.example.com")
        }
        guard url.scheme == "https" || NetworkAddress.isHere(host) else {
            throw Failure(.usage, "--server must be https: the token would travel in the clear")
        }
        base = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.token = token
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(120))
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func send(_ method: String, _ target: String, body: [UInt8], type: String?, key: String?) async throws
        -> WebResponse
    {
        var request = HTTPClientRequest(url: base + target)
        request.method = .RAW(value: method)
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let type { request.headers.add(name: "Content-Type", value: type) }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if !body.isEmpty || method != "GET" { request.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            let response = try await client.execute(request, timeout: .seconds(120))
            let content = try await response.body.collect(upTo: 256 << 20)
            return WebResponse(
                status: Int(response.status.code), headers: response.headers.map { ($0.name.lowercased(), $0.value) },
                body: Array(content.readableBytesView))
        } catch {
            throw Failure(.unavailable, "\(base) does not answer: \(error)")
        }
    }

    /// The server's own threads do the work.
    func advance() async throws {
        try await Task.sleep(for: .milliseconds(200))
    }

    func settle() async throws {}

    func close() async {
        try? await client.shutdown()
    }
}
