import CRabbitMQ

/// Bytes at a fixed address, so that C can keep pointing at them.
final class CText {
    let bytes: amqp_bytes_t

    init(_ text: String) {
        bytes =
            text.utf8.withContiguousStorageIfAvailable { source in
                amqp_bytes_malloc_dup(
                    amqp_bytes_t(len: source.count, bytes: UnsafeMutableRawPointer(mutating: source.baseAddress)))
            } ?? amqp_bytes_malloc_dup(amqp_cstring_bytes(text))
    }

    deinit {
        amqp_bytes_free(bytes)
    }

    /// Keeps the bytes alive during a call.
    func use<T>(_ body: (amqp_bytes_t) throws -> T) rethrows -> T {
        try withExtendedLifetime(self) { try body(bytes) }
    }
}

extension String {
    init(_ bytes: amqp_bytes_t) {
        self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
