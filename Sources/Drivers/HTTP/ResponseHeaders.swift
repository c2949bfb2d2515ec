import HTTPTypes
import Hummingbird
import Web

/// The headers that every answer carries, made once.
package struct ResponseHeaders: Sendable {
    package static let idempotencyKey = HTTPField.Name.known("Idempotency-Key")
    package static let signature = HTTPField.Name.known("Popug-Signature")
    package static let fetchSite = HTTPField.Name.known("Sec-Fetch-Site")
    package static let live = HTTPField.Name.known("X-Live")

    private static let policyName = HTTPField.Name.known("Content-Security-Policy")
    private static let policy = [
        "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    /// The headers of every answer of any kind.
    package let common: HTTPFields
    private let page: HTTPFields
    private let asset: HTTPFields

    /// - Parameter secure: the public address is https.
    package init(secure: Bool) {
        var common = HTTPFields()
        common[HTTPField.Name.known("X-Content-Type-Options")] = "nosniff"
        common[HTTPField.Name.known("Referrer-Policy")] = "same-origin"
        common[HTTPField.Name.known("Cross-Origin-Opener-Policy")] = "same-origin"
        common[HTTPField.Name.known("Cross-Origin-Resource-Policy")] = "same-origin"
        common[ResponseHeaders.policyName] = ResponseHeaders.policy
        if secure {
            common[HTTPField.Name.known("Strict-Transport-Security")] = "max-age=31536000; includeSubDomains"
        }
        asset = common
        common[.cacheControl] = "no-store"
        self.common = common
        var page = common
        page[.contentType] = "text/html; charset=utf-8"
        self.page = page
    }

    /// For a file that may be cached for good, because its address changes with its content.
    package func forAsset(type: String, versioned: Bool) -> HTTPFields {
        var fields = asset
        fields[.contentType] = type
        fields[.cacheControl] = versioned ? "public, max-age=31536000, immutable" : "no-cache"
        return fields
    }

    package func plain(_ type: String, id: String) -> HTTPFields {
        var fields = common
        fields[.contentType] = type
        fields[InnerHeader.requestID] = id
        return fields
    }

    package func fields(for response: WebResponse, id: String) -> HTTPFields {
        var fields = common
        fields[InnerHeader.requestID] = id
        for (name, value) in response.headers {
            switch name {
            case "content-type": fields[.contentType] = value
            case "location": fields[.location] = value
            case "set-cookie": fields.append(HTTPField(name: .setCookie, value: value))
            case "cache-control": fields[.cacheControl] = value
            // A page that needs another policy sends it complete; with two headers, both would apply.
            case "content-security-policy": fields[ResponseHeaders.policyName] = value
            default:
                guard let name = HTTPField.Name(name) else { continue }
                fields.append(HTTPField(name: name, value: value))
            }
        }
        return fields
    }
}
