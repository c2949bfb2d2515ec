import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A client that can write anything to a port, so that a test can break every rule of HTTP. It blocks on its own queue,
/// never on the threads that the server needs. All its state is touched only on that queue, so it is safe to share.
package final class WebSocketClient: @unchecked Sendable {
    private let handle: Int32
    private var received: [UInt8] = []
    private let queue = DispatchQueue(label: "client")

    package struct Answer: Sendable {
        package var status: Int
        /// Names in lower case.
        package var headers: [String: String]
        package var body: String
    }

    /// - Parameter source: an address of this machine, used as the source of the connection.
    package init(port: Int, from source: String? = nil) throws {
        handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if let source {
            var own = sockaddr_in()
            own.sin_family = sa_family_t(AF_INET)
            own.sin_addr.s_addr = inet_addr(source)
            _ = withUnsafePointer(to: &own) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try setUp(result)
    }

    package init(path: String) throws {
        handle = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(100)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try setUp(result)
    }

    deinit { close(handle) }

    private func setUp(_ result: Int32) throws {
        guard result == 0 else { throw CocoaError(.fileReadUnknown) }
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    private func onQueue<T: Sendable>(_ work: @escaping @Sendable (WebSocketClient) -> T) async -> T {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work(self)) }
        }
    }

    package func send(_ text: String) async {
        await onQueue { $0.write(Array(text.utf8)) }
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// Reads until the text has come; `false` if the other side closed first, or after 60 seconds.
    package func wait(for text: String) async -> Bool {
        await onQueue { $0.read(until: text) }
    }

    private func read(until text: String) -> Bool {
        while !String(decoding: received, as: UTF8.self).contains(text) {
            guard readMore() else { return false }
        }
        return true
    }

    /// Closes the connection.
    package func end() async {
        await onQueue { _ = shutdown($0.handle, Int32(SHUT_RDWR)) }
    }

    /// Reads until the other side closes; `false` after 60 seconds.
    package func waitForEnd() async -> Bool {
        await onQueue { client in
            while client.readMore() {}
            return errno != EAGAIN
        }
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        errno = 0
        let count = recv(handle, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        received += buffer[0..<count]
        return true
    }

    /// What has come and was not taken as an answer.
    package func text() async -> String {
        await onQueue { String(decoding: $0.received, as: UTF8.self) }
    }

    /// Sends a request and reads one answer that gives its length.
    package func ask(_ request: String, body: [UInt8] = []) async -> Answer? {
        await onQueue { $0.exchange(request, body) }
    }

    private func exchange(_ request: String, _ body: [UInt8]) -> Answer? {
        received = []
        write(Array(request.utf8) + body)
        guard read(until: "\r\n\r\n") else { return nil }
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let length = Int(headers["content-length"] ?? "0") ?? 0
        let head = Array(text[..<end.upperBound].utf8).count
        if !request.hasPrefix("HEAD") {
            while received.count < head + length { guard readMore() else { return nil } }
        }
        return Answer(
            status: status, headers: headers, body: String(decoding: received.dropFirst(head), as: UTF8.self))
    }

    package func get(_ path: String, _ headers: String = "", method: String = "GET") async -> Answer? {
        await ask("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n")
    }
}
