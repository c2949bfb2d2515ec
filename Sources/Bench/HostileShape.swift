import Foundation
import Glibc

/// What an anonymous sender does to make a server work, wait or use memory.
enum HostileShape: CaseIterable, Sendable {
    /// 60 MB of names without values, as a form.
    case names
    /// 60 MB as the head of one part, in a form with a file.
    case endlessHead
    /// 60 MB in chunks, without a length.
    case chunks
    /// 60 KiB, which are read from anybody: deep, wide, and all names.
    case deep, wide, small
    /// One byte of a head, or of a body, from time to time.
    case slowHead, slowBody
    /// Live streams, and connections on which nothing comes.
    case stream, silence
    /// No HTTP at all.
    case noise

    static var all: [HostileShape] { allCases }

    private static let large = 60 << 20
    private static let anyones = 60 << 10

    /// Sends this once, until all of it is sent or the other side ends the connection.
    func send(to port: Int) {
        guard let socket = RawSocket(port: port) else { return }
        switch self {
        case .names:
            socket.send(head("/import", "application/x-www-form-urlencoded", HostileShape.large))
            socket.fill("a&", HostileShape.large)
        case .endlessHead:
            socket.send(head("/import", "multipart/form-data; boundary=b", HostileShape.large))
            socket.send("--b\r\nX: ")
            socket.fill("x", HostileShape.large)
        case .chunks:
            socket.send(head("/api/imports?name=x", "text/csv", nil))
            for _ in 0..<960 where socket.send("10000\r\n") {
                socket.fill("x", 0x10000)
                socket.send("\r\n")
            }
        case .deep:
            socket.send(head("/api/tasks", "application/json", HostileShape.anyones))
            socket.fill("[", HostileShape.anyones)
        case .wide:
            socket.send(head("/api/tasks", "application/json", HostileShape.anyones))
            socket.send("[")
            socket.fill("1,", HostileShape.anyones - 1)
        case .small:
            socket.send(head("/sign-in", "application/x-www-form-urlencoded", HostileShape.anyones))
            socket.fill("a&", HostileShape.anyones)
        case .slowHead: socket.trickle("GET /healthz HTTP/1.1\r\nX: xxxxxxxxxxxxxxxxxxxx")
        case .slowBody:
            socket.send(head("/api/tasks", "application/json", 60_000))
            socket.trickle(String(repeating: " ", count: 20))
        case .stream: socket.send("GET /live?topics=tracker HTTP/1.1\r\nHost: x\r\n\r\n")
        case .silence: break
        case .noise: socket.fill("\u{0}\u{1}\r\n", 10_000)
        }
        socket.hear()
    }

    private func head(_ path: String, _ type: String, _ length: Int?) -> String {
        "POST \(path) HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nContent-Type: \(type)\r\n"
            + (length.map { "Content-Length: \($0)" } ?? "Transfer-Encoding: chunked") + "\r\n\r\n"
    }
}

/// A connection on which reads and writes wait for a second at most.
private final class RawSocket {
    private let handle: Int32
    private var ended = false

    init?(port: Int) {
        handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        // A `timeval` of one second.
        var time: (seconds: Int, microseconds: Int) = (1, 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(handle, SOL_SOCKET, option, &time, socklen_t(MemoryLayout.size(ofValue: time)))
        }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(handle)
            return nil
        }
    }

    deinit { close(handle) }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends the text again and again, until `count` bytes are sent.
    func fill(_ text: String, _ count: Int) {
        let bytes = Array(text.utf8)
        let piece = Array((0..<max(1, 65_536 / bytes.count)).map { _ in bytes }.joined())
        var left = count
        while left > 0, send(piece.prefix(left)) { left -= piece.count }
    }

    /// Sends a byte every fifth of a second.
    func trickle(_ text: String) {
        for byte in text.utf8 where send([byte]) { usleep(200_000) }
    }

    private func send(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty, !ended {
            let sent = rest.withUnsafeBytes { Glibc.send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent > 0 { rest = rest.dropFirst(sent) } else { ended = true }
        }
        return !ended
    }

    /// Reads the answer, until nothing comes for a second.
    func hear() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while recv(handle, &buffer, buffer.count, 0) > 0 {}
    }
}
