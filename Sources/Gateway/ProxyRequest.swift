import NIOCore
import NIOHTTP1

/// A request to a process.
struct ProxyRequest: Sendable {
    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        case upload(Upload, length: Int64?)
    }

    var method: String
    /// Path and query as the caller sent them.
    var target: String
    var headers: HTTPHeaders
    var body = Body.none
    /// How long a body may take to come, in milliseconds.
    var bodyTime: Int64 = 0

    /// It changes something though it is a `GET` (``Endpoint/isLanding``).
    var isLanding = false

    private var isGet: Bool { method == "GET" || method == "HEAD" }

    /// The request changes nothing, so it may be sent twice.
    var isSafe: Bool { isGet && !isLanding }

    /// It may be sent to another process if this one was never reached.
    var isSendable: Bool {
        if isGet { return true }
        guard headers.contains(name: "Idempotency-Key") else { return false }
        if case .upload(let upload, _) = body { return !upload.pipe.wasTouched }
        return true
    }
}
