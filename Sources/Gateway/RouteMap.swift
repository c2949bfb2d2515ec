import Web

/// Which service answers a request: found from the services' own endpoint declarations.
package struct RouteMap: Sendable {
    /// A service, or `operations`, and what it answers.
    package struct Part: Sendable {
        package let name: String
        package let endpoints: [Endpoint]

        package init(_ name: String, _ endpoints: [Endpoint]) {
            self.name = name
            self.endpoints = endpoints
        }
    }

    package struct Place: Sendable {
        package let part: String
        package let endpoint: Endpoint
    }

    package enum Way: Sendable {
        case to(Place)
        case otherMethods([String])
        case none
    }

    package let parts: [Part]
    /// What a log may contain of a path.
    let paths: CredentialPaths
    private let routes: RouteTable<Place>

    /// - Throws: `DuplicateRoute`.
    package init(_ parts: [Part]) throws {
        self.parts = parts
        paths = CredentialPaths(parts.flatMap(\.endpoints))
        var routes = RouteTable<Place>()
        for part in parts {
            for endpoint in part.endpoints {
                try routes.add(
                    endpoint.method.rawValue, endpoint.path, Place(part: part.name, endpoint: endpoint))
            }
        }
        self.routes = routes
    }

    package func way(_ method: String, _ path: String) -> Way {
        // Requests between processes are not for outside callers.
        if path == "/internal" || path.hasPrefix("/internal/") { return .none }
        switch routes.match(method, path) {
        case .found(let place, _): return .to(place)
        case .otherMethods(let methods): return .otherMethods(methods)
        case .none: return .none
        }
    }

    /// The same routes for nginx: a map from an address to the name of a group of processes.
    ///
    /// If several services share a path (by method), it goes to the first; tests make sure that there is no such path.
    package var nginx: String {
        var lines: [String: String] = [:]
        for part in parts {
            for endpoint in part.endpoints where lines[endpoint.path] == nil { lines[endpoint.path] = part.name }
        }
        let exact = lines.filter { !$0.key.contains("{") }.sorted { $0.key < $1.key }
        // nginx takes the first expression that matches; a fixed word goes before a placeholder, as here.
        let open = lines.filter { $0.key.contains("{") }.sorted { RouteMap.order($0.key) < RouteMap.order($1.key) }
        let rows =
            exact.map { "    \($0.key) popug_\($0.value);" }
            + open.map { "    \"~^\(RouteMap.expression($0.key))$\" popug_\($0.value);" }
        return """
            # Written by `popug gateway routes`. Do not edit.
            # Volatile: a part that a page includes has an address of its own.
            map $uri $popug_part {
                volatile;
                default popug_identity;
            \(rows.joined(separator: "\n"))
            }
            """
    }

    private static func order(_ path: String) -> String {
        path.split(separator: "/").map { $0.hasPrefix("{") ? "~" : String($0) }.joined(separator: "/")
    }

    private static func expression(_ path: String) -> String {
        path.split(separator: "/").map { "/" + ($0.hasPrefix("{") ? "[^/]+" : $0.replacing(".", with: "\\.")) }
            .joined()
    }
}
