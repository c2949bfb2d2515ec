import Foundation
import Gateway
import ServiceKit

/// The parts of `deploy/` about services and their routes, generated from the one list of services and their endpoints.
struct DeploymentFiles {
    let files: [GeneratedFile]

    /// - Parameter folder: the folder of `compose.yaml`. The services in that file are between two marks; the rest is
    ///   written by hand.
    /// - Throws: ``Failure`` if a mark is missing.
    init(in folder: String) throws {
        let path = folder + "/compose.yaml"
        var compose = try TextFile.read(path, .unavailable)
        compose = try DeploymentFiles.put(DeploymentFiles.addresses, "addresses", into: compose, path)
        compose = try DeploymentFiles.put(DeploymentFiles.processes, "processes", into: compose, path)
        files = [
            GeneratedFile(path: "compose.yaml", text: compose),
            GeneratedFile(path: "nginx/upstreams.conf", text: DeploymentFiles.upstreams),
            GeneratedFile(
                path: "nginx/routes.conf",
                text: try RouteMap(Declarations(GatewayServer.nobody()).parts).nginx + "\n"),
        ]
    }

    // MARK: compose.yaml

    private static let addresses: [String] = {
        let rows = Services.names.map { service in
            let hosts = Services.processes.filter { $0.service == service }.map { "http://\($0.name):8080" }
            return "      \(service)=\(hosts.joined(separator: ","))"
        }
        return ["    POPUG_UPSTREAMS: &upstreams >-"]
            + [rows.joined(separator: ";\n")]
    }()

    private static let processes: [String] = Services.processes.map { process in
        let networks = process.reachesOut ? ", networks: [inside, outside]" : ""
        return "  \(process.name): { <<: *popug, command: [serve, --services, \(process.service)]\(networks) }"
    }

    private static func put(_ lines: [String], _ name: String, into text: String, _ path: String) throws -> String {
        let (begin, end) = ("# \(name), written by `popug deployment`:", "# end of \(name)")
        let all = text.components(separatedBy: "\n")
        guard let first = all.firstIndex(where: { $0.trimmingCharacters(in: .whitespaces) == begin }),
            let last = all[first...].firstIndex(where: { $0.trimmingCharacters(in: .whitespaces) == end })
        else { throw Failure(.refused, "\(path) needs the lines `\(begin)` and `\(end)`") }
        return (all[...first] + lines + all[last...]).joined(separator: "\n")
    }

    // MARK: nginx

    private static let upstreams: String = {
        let ports = Dictionary(uniqueKeysWithValues: Services.names.enumerated().map { ($1, 9001 + $0) })
        func block(_ name: String, _ service: String) -> String {
            let servers = Services.processes.filter { $0.service == service }.map { process in
                let port = (ports[service] ?? 9000) + 100 * (process.number - 1)
                return "    server 127.0.0.1:\(port) max_fails=5 fail_timeout=2s;\n"
            }
            return "upstream popug_\(name) {\n\(servers.joined())    keepalive 64;\n}\n"
        }
        return """
            # Where the processes of each service are. A process that refuses five times is left alone for two seconds.
            # Written by `popug deployment`; put your own addresses in.

            """ + Services.names.map { block($0, $0) }.joined()
                + "# The operations pages and the documents stand beside Identity.\n" + block("operations", "identity")
    }()
}
