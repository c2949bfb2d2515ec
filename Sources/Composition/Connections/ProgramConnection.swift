import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SQLiteDriver
import Storage
import Values
import Web

/// How a verb reaches the services: through the running server's socket in the data folder or, if no server runs, by
/// opening the services on the folder for as long as the verb takes. The same endpoints answer in both cases.
package protocol ProgramConnection: Sendable {
    func send(_ method: String, _ target: String, body: [UInt8], type: String?, key: String?) async throws
        -> WebResponse
    /// Gives the services a moment to work on what was sent.
    func advance() async throws
    /// Waits until what was sent has reached every service.
    func settle() async throws
    func close() async
}

extension ProgramConnection {
    package func get(_ target: String) async throws -> WebResponse {
        try await send("GET", target, body: [], type: nil, key: nil)
    }

    /// Sends JSON with POST.
    package func post(_ target: String, _ value: [String: JSONValue], key: String) async throws -> WebResponse {
        try await post("POST", target, value, key: key)
    }

    /// Sends JSON. `key` is the `Idempotency-Key`.
    package func post(_ method: String, _ target: String, _ value: [String: JSONValue], key: String? = nil)
        async throws -> WebResponse
    {
        let body = [UInt8](try JSONEncoder().encode(value))
        return try await send(method, target, body: body, type: "application/json", key: key)
    }
}

/// A JSON value that a verb sends or reads.
package enum JSONValue: Codable, Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    case null
    case flag(Bool)
    case number(Int64)
    /// A number that is not whole, such as a duration. Never money.
    case decimal(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    package init(stringLiteral value: String) { self = .text(value) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let number = try? container.decode(Double.self) {
            self = .decimal(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .number(let number): try container.encode(number)
        case .decimal(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }

    /// A field of an object; `.null` for anything else.
    package subscript(_ field: String) -> JSONValue {
        guard case .object(let fields) = self else { return .null }
        return fields[field] ?? .null
    }

    package var text: String? {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .decimal(let number): String(number)
        case .flag(let flag): flag ? "yes" : "no"
        default: nil
        }
    }

    package var number: Int64? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    package var flag: Bool { self == .flag(true) }

    package var list: [JSONValue] {
        guard case .list(let list) = self else { return [] }
        return list
    }
}

extension WebResponse {
    /// The body of a successful answer.
    /// - Throws: ``Failure`` with the problem's own words for any other answer.
    package func json() throws -> JSONValue {
        let value = try? JSONDecoder().decode(JSONValue.self, from: Data(body))
        guard (200..<300).contains(status) else {
            throw Failure(
                .refused,
                WebResponse.words(
                    title: value?["title"].text ?? "The server answered \(status)", detail: value?["detail"].text,
                    fields: (value?["errors"].list ?? []).map { ($0["field"].text ?? "", $0["detail"].text ?? "") }))
        }
        return value ?? .null
    }

    /// A problem as a line for people: what is wrong, in which field, and what to do.
    static func words(title: String, detail: String?, fields: [(name: String, words: String)]) -> String {
        // The title repeats the words of the first field.
        let named = fields.map { $0.name.isEmpty ? $0.words : "\($0.name): \($0.words)" }.joined(separator: "; ")
        return (named.isEmpty ? title : named) + (detail.map { ". \($0)" } ?? "")
    }
}

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
