import Storage

/// A question on its way to a service.
package struct Ask: Sendable {
    package let service: String
    package let path: String
    package let body: [UInt8]
    package let seconds: Int

    /// Interprets an answer.
    /// - Throws: `StorageError.unavailable` if it is worth asking again, `failed` if the question was refused.
    package func reply(_ status: Int, _ body: [UInt8], from place: String) throws -> [UInt8] {
        guard status != 200 else { return body }
        let words = "\(place) answered \(status): \(String(decoding: body.prefix(200), as: UTF8.self))"
        // 404 comes from an older version that does not know the question yet. It also comes from a process that does
        // not accept our signature: it has another secret, or a clock that is five minutes off.
        let isRefused = (400..<500).contains(status) && ![404, 408, 429].contains(status)
        throw isRefused ? StorageError.failed(words) : StorageError.unavailable(words)
    }
}
