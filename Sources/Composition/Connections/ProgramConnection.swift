import Foundation
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
