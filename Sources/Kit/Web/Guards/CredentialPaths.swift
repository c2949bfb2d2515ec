import Values

/// Paths that contain a credential, such as a link that sets a password (`/welcome/{link}`). Logs leave that part out.
/// An endpoint declares it by naming that part `{link}`.
package struct CredentialPaths: Sendable {
    private let beginnings: [[UInt8]]

    package init(_ endpoints: [Endpoint]) {
        let mark = Array("{link}".utf8)
        let all = endpoints.compactMap { endpoint -> [UInt8]? in
            let path = Array(endpoint.path.utf8)
            return path.place(of: mark).map { Array(path[..<$0.lowerBound]) }
        }
        beginnings = Array(Set(all)).sorted { $0.count < $1.count }
    }

    /// The path in the form for a log: `/welcome/…`.
    package func loggable(_ path: String) -> String {
        // An encoded form (`/%77elcome/…`) leads to the same place.
        let plain = Array((PercentCoding.decode(path, plusIsSpace: false) ?? path).utf8)
        guard let beginning = beginnings.first(where: { plain.count > $0.count && plain.starts(with: $0) }) else {
            return path
        }
        return String(decoding: beginning, as: UTF8.self) + "…"
    }
}
