import HTTPTypes
import Hummingbird
import Web

/// The headers that every answer carries, made once.
struct ResponseHeaders: Sendable {
    static let requestID = name("X-Request-Id")
    static let idempotencyKey = name("Idempotency-Key")
    static let signature = name("Popug-Signature")
    static let fetchSite = name("Sec-Fetch-Site")
    static let forwardedFor = name("X-Forwarded-For")

    private static let policyName = name("Content-Security-Policy")
    private static let policy = [
        "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private let common: HTTPFields
    private let page: HTTPFields
    private let asset: HTTPFields

    /// - Parameter secure: the public address is https.
    init(secure: Bool) {
        var common = HTTPFields()
        common[ResponseHeaders.name("X-Content-Type-Options")] = "nosniff"
        common[ResponseHeaders.name("Referrer-Policy")] = "same-origin"
        common[ResponseHeaders.name("Cross-Origin-Opener-Policy")] = "same-origin"
        common[ResponseHeaders.name("Cross-Origin-Resource-Policy")] = "same-origin"
        common[ResponseHeaders.policyName] = ResponseHeaders.policy
        if secure {
            common[ResponseHeaders.name("Strict-Transport-Security")] = "max-age=31536000; includeSubDomains"
        }
        asset = common
        common[.cacheControl] = "no-store"
        self.common = common
        var page = common
        page[.contentType] = "text/html; charset=utf-8"
        self.page = page
    }

    /// For a file that may be kept for good because its address changes with its content.
    func forAsset(type: String, versioned: Bool) -> HTTPFields {
        var fields = asset
        fields[.contentType] = type
        fields[.cacheControl] = versioned ? "public, max-age=31536000, immutable" : "no-cache"
        return fields
    }

    func plain(_ type: String, id: String) -> HTTPFields {
        var fields = common
        fields[.contentType] = type
        fields[ResponseHeaders.requestID] = id
        return fields
    }

    func fields(for response: WebResponse, id: String) -> HTTPFields {
        var fields = common
        fields[ResponseHeaders.requestID] = id
        for (name, value) in response.headers {
            switch name {
            case "content-type": fields[.contentType] = value
            case "location": fields[.location] = value
            case "set-cookie": fields.append(HTTPField(name: .setCookie, value: value))
            case "cache-control": fields[.cacheControl] = value
            // A page that needs another policy says the whole of it; two would both hold.
            case "content-security-policy": fields[ResponseHeaders.policyName] = value
            default:
                guard let name = HTTPField.Name(name) else { continue }
                fields.append(HTTPField(name: name, value: value))
            }
        }
        return fields
    }

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header's name") }
        return name
    }
}
