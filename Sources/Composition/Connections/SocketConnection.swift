import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SQLiteDriver
import Web

/// The running server, over the socket in its folder, which only the folder's owner can open.
package final class SocketConnection: ProgramConnection {
    private let client: HTTPClient
    private let base: String

    /// `nil` if no server listens there.
    package init?(folder: String) {
        let path = DataFolder.socket(of: folder)
        guard FileManager.default.fileExists(atPath: path), FolderLock.holder(of: folder) != nil,
            let escaped = path.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        else { return nil }
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(120))
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        base = "http+unix://\(escaped)"
    }

    package func send(_ method: String, _ target: String, body: [UInt8], type: String?, key: String?) async throws
        -> WebResponse
    {
        var request = HTTPClientRequest(url: base + target)
        request.method = .RAW(value: method)
        // The library sends no host for a socket, but the server requires one.
        request.headers.add(name: "Host", value: "localhost")
        if let type { request.headers.add(name: "Content-Type", value: type) }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if !body.isEmpty || method != "GET" { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: .seconds(120))
        } catch {
            throw Failure(
                .unavailable, "The server on \(base.removingPercentEncoding ?? base) does not answer: \(error)")
        }
        let content = try await response.body.collect(upTo: 256 << 20)
        return WebResponse(
            status: Int(response.status.code), headers: response.headers.map { ($0.name.lowercased(), $0.value) },
            body: Array(content.readableBytesView))
    }

    /// The server's own threads do the work.
    package func advance() async throws {
        try await Task.sleep(for: .milliseconds(100))
    }

    package func settle() async throws {}

    package func close() async {
        try? await client.shutdown()
    }
}
