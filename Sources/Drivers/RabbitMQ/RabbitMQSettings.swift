import Foundation

/// Where a ``RabbitMQLog`` finds its broker, and how its streams are made.
package struct RabbitMQSettings: Sendable {
    /// One node of the broker, and the user who signs in there.
    package struct Address: Sendable, Hashable {
        package var host: String
        package var port: Int
        package var user: String
        package var password: String
        package var vhost: String
        /// `amqps`: TLS 1.2 or later; the certificate and its name are checked.
        package var isSecure: Bool
    }

    /// A text that is not a list of addresses. Its description never shows a password.
    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }

    /// Tried in order: if one cannot be reached, the next is tried.
    package var addresses: [Address]
    /// The certificate authorities that `amqps` trusts, a PEM file; the system's if `nil`.
    package var authorities: String?
    /// The beginning of the names of its streams: `popug.tracker.7`.
    package var prefix = "popug"
    /// How many bytes a partition keeps at least, in whole segments; everything if `nil`. Older events are in the
    /// journals, and come from there when they are asked for.
    ///
    /// This and the next two apply to streams that do not exist yet. For existing streams, set a policy on the broker.
    package var retainedBytes: Int64?
    /// How many seconds a partition keeps at least, in whole segments; everything if `nil`.
    package var retainedSeconds: Int64?
    /// On how many nodes of a cluster each stream is kept; on all if `nil`. A reader needs a node that has a copy.
    package var replicas: Int?
    /// How many seconds the broker may take for an answer, or for the next confirmation. If the node that leads a
    /// stream dies, work stops for about this long. If a node is only slow, the client connects again, which causes
    /// duplicates.
    package var patience = 5.0

    /// Reads `amqp://user:password@host:port/vhost,amqps://…`. The defaults are `guest`, 5672 (5671) and `/`. In a
    /// user, password or vhost, everything but letters and digits is percent-encoded.
    package init(_ text: String) throws {
        addresses = try text.split(separator: ",", omittingEmptySubsequences: false).map {
            try Address(String($0).trimmingCharacters(in: .whitespaces))
        }
    }
}

extension RabbitMQSettings.Address: CustomStringConvertible {
    init(_ text: String) throws {
        let form = "amqp://user:password@host:port/vhost"
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "amqp" || scheme == "amqps"
        else { throw RabbitMQSettings.Unreadable(description: "the address of a broker is written \(form)") }
        guard let host = parts.host, !host.isEmpty, parts.query == nil, parts.fragment == nil,
            (1...65_535).contains(parts.port ?? 1)
        else {
            throw RabbitMQSettings.Unreadable(
                description: "the address of the broker at \(parts.host ?? "?") is not written \(form)")
        }
        // An IPv6 address is in brackets, which are not part of it.
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        isSecure = scheme == "amqps"
        port = parts.port ?? (isSecure ? 5671 : 5672)
        user = parts.user ?? "guest"
        password = parts.password ?? "guest"
        let path = String(parts.percentEncodedPath.dropFirst())
        guard !path.contains("/"), let vhost = path.removingPercentEncoding else {
            throw RabbitMQSettings.Unreadable(
                description: "the vhost of the broker at \(host) has a / in it, which is written %2F")
        }
        self.vhost = vhost.isEmpty ? "/" : vhost
    }

    /// The address without the user and password.
    package var description: String { "\(isSecure ? "amqps" : "amqp")://\(host):\(port)" }
}
