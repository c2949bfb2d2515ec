import Synchronization
import Values

/// One process behind the gateway.
package final class Upstream: Sendable, Hashable {
    /// `http://127.0.0.1:9001`
    package let address: String
    package let circuit: Circuit
    private let counts = Mutex<[String: Int64]>([:])

    init(address: String, circuit: Circuit) {
        self.address = address
        self.circuit = circuit
    }

    /// Counts the result of a request: `ok`, `refused`, `slow`, `lost`.
    func count(_ result: String) {
        counts.withLock { $0[result, default: 0] += 1 }
    }

    var results: [String: Int64] { counts.withLock { $0 } }

    package static func == (left: Upstream, right: Upstream) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// All processes, by the services that they run. A process that runs several services has one circuit.
package struct Upstreams: Sendable {
    private struct Group: Sendable {
        let members: [Upstream]
        let turn: Turn
    }

    private final class Turn: Sendable {
        private let next = Atomic<Int>(0)
        func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max }
    }

    package let all: [Upstream]
    private let groups: [String: Group]
    private let everybody: Group

    package init(_ options: GatewayOptions, uptime: @escaping @Sendable () -> Int64) {
        var known: [String: Upstream] = [:]
        var order: [Upstream] = []
        var groups: [String: Group] = [:]
        for (name, addresses) in options.upstreams.sorted(by: { $0.key < $1.key }) {
            let members = addresses.map { address -> Upstream in
                if let upstream = known[address] { return upstream }
                let upstream = Upstream(
                    address: address, circuit: Circuit(pause: options.times.probe, uptime: uptime))
                known[address] = upstream
                order.append(upstream)
                return upstream
            }
            groups[name] = Group(members: members, turn: Turn())
        }
        // Operations run in the same processes as Identity, whose admins they are for.
        if groups["operations"] == nil { groups["operations"] = groups["identity"] }
        self.groups = groups
        all = order
        everybody = Group(members: order, turn: Turn())
    }

    /// The next process of a service that may be asked, in turn; for `nil`, any process at all.
    package func next(_ part: String?, except tried: Set<Upstream> = []) -> Upstream? {
        guard let group = part.map({ groups[$0] }) ?? everybody else { return nil }
        let start = group.turn.take()
        for offset in group.members.indices {
            let upstream = group.members[(start &+ offset) % group.members.count]
            if !tried.contains(upstream), upstream.circuit.admits() { return upstream }
        }
        return nil
    }

    package func has(_ part: String) -> Bool { groups[part] != nil }

    /// The services for which no process is believed to run, with the addresses.
    package var away: [String: String] {
        groups.filter { $0.value.members.allSatisfy(\.circuit.isOpen) }
            .mapValues { $0.members.map(\.address).joined(separator: ", ") }
    }
}
