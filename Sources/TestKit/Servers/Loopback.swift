import Foundation

/// The loopback interface of this machine, which nobody else can reach.
package enum Loopback {
    /// A port on which nobody listens at the moment, outside the range that the system gives to outgoing connections: a
    /// port from that range could be taken again before a server binds it, or while it restarts. 0 if there is none.
    package static func freePort() -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 10_000..<32_000)
            if isFree(port) { return port }
        }
        return 0
    }

    private static func isFree(_ port: Int) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
