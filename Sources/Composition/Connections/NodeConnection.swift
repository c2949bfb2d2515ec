import Hosting
import Messaging
import Storage
import Web

/// The services' data, straight from the databases, for as long as a verb takes; processes may be running.
final class NodeConnection: ProgramConnection {
    private let node: ClusterNode

    init(_ settings: Settings, _ cluster: ClusterSettings) throws {
        node = try ClusterNode(settings, cluster, all: true)
    }

    func send(_ method: String, _ target: String, body: [UInt8], type: String?, key: String?) async throws
        -> WebResponse
    {
        try await Aside.run { [node] in
            try node.exchange.respondLocally(method, target, body: body, type: type, key: key)
        }
    }

    /// Does the work that no other process does, and gives the others time for theirs.
    func advance() async throws {
        try await Aside.run { [node] in
            do {
                for _ in 0..<10 where try !node.exchange.step() { return }
            } catch is LeaseLost {}
        }
        try await Task.sleep(for: .milliseconds(100))
    }

    /// Carries on what was sent as far as no other process does it; the rest is left to the running processes.
    func settle() async throws {
        try await Aside.run { [node] in
            do {
                try node.exchange.settle()
            } catch is LeaseLost {
            } catch is StorageError {}
        }
    }

    func close() async {
        node.close()
    }
}
