import Values

/// Finds the endpoint for a path. The table is made once; a look-up walks the segments. A literal segment wins over
/// `{name}`, with backtracking if it leads nowhere. Segments are percent-decoded one by one, so `%2F` never makes a new
/// segment.
package struct RouteTable<Target: Sendable>: Sendable {
    package enum Match: Sendable {
        case found(Target, values: [String: String])
        /// The path exists, but for other methods.
        case otherMethods([String])
        case none
    }

    private struct Leaf {
        var target: Target
        var names: [String]
    }

    private struct Node {
        var literals: [String: Int] = [:]
        var any: Int?
        var leaves: [String: Leaf] = [:]
    }

    private var nodes = [Node()]

    package init() {}

    /// - Parameter path: `/api/tasks/{task}`.
    /// - Throws: ``DuplicateRoute`` if the method and path are taken already.
    package mutating func add(_ method: String, _ path: String, _ target: Target) throws {
        var node = 0
        var names: [String] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            let segment = Substring(part)
            if part.first == UInt8(ascii: "{"), part.last == UInt8(ascii: "}") {
                names.append(String(segment.dropFirst().dropLast()))
                if nodes[node].any == nil {
                    nodes.append(Node())
                    nodes[node].any = nodes.count - 1
                }
                node = nodes[node].any ?? node
            } else {
                let key = String(segment)
                if nodes[node].literals[key] == nil {
                    nodes.append(Node())
                    nodes[node].literals[key] = nodes.count - 1
                }
                node = nodes[node].literals[key] ?? node
            }
        }
        guard nodes[node].leaves[method] == nil else { throw DuplicateRoute(route: "\(method) \(path)") }
        nodes[node].leaves[method] = Leaf(target: target, names: names)
    }

    package func match(_ method: String, _ path: String) -> Match {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= 2048 else { return .none }
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = PercentCoding.decode(Substring(part), plusIsSpace: false), !segment.utf8.contains(0)
            else { return .none }
            segments.append(segment)
        }
        // Only `/` itself may end in a slash.
        if segments == [""] { segments = [] }
        guard !segments.contains("") else { return .none }
        var values: [String] = []
        guard let node = find(0, segments[...], &values) else { return .none }
        let wanted = method == "HEAD" ? "GET" : method
        guard let leaf = nodes[node].leaves[wanted] else {
            var methods = nodes[node].leaves.keys.sorted()
            if methods.contains("GET") { methods.append("HEAD") }
            return .otherMethods(methods)
        }
        return .found(leaf.target, values: Dictionary(zip(leaf.names, values), uniquingKeysWith: { $1 }))
    }

    private func find(_ node: Int, _ segments: ArraySlice<String>, _ values: inout [String]) -> Int? {
        guard let segment = segments.first else { return nodes[node].leaves.isEmpty ? nil : node }
        let rest = segments.dropFirst()
        if let next = nodes[node].literals[segment], let found = find(next, rest, &values) { return found }
        guard let next = nodes[node].any else { return nil }
        values.append(segment)
        if let found = find(next, rest, &values) { return found }
        values.removeLast()
        return nil
    }
}

/// Two endpoints claim the same method and path: a programming error, found when the server starts.
package struct DuplicateRoute: Error, CustomStringConvertible {
    package let route: String
    package var description: String { "two endpoints for \(route)" }
}
