import Foundation

/// Ends another thread's wait for a socket, by a pipe that the thread polls as well.
final class Alarm: Sendable {
    private let ends: [Int32]

    init() {
        var ends: [Int32] = [-1, -1]
        // Without a pipe (no descriptors left) waits end only by their time limit; the next connection then reports
        // why.
        _ = pipe(&ends)
        for end in ends where end >= 0 {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        self.ends = ends
    }

    deinit {
        for end in ends where end >= 0 { close(end) }
    }

    /// Ends the current wait, or the next one. May be called from any thread.
    func ring() {
        var byte: UInt8 = 1
        // If the pipe is full, it rings already.
        _ = write(ends[1], &byte, 1)
    }

    /// Waits until the socket has something to read, at most this many seconds. Returns whether ``ring()`` was called
    /// meanwhile, or before.
    func wait(for socket: Int32, atMost seconds: Double) -> Bool {
        var polled = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&polled, 2, Int32(min(3600, max(0, seconds)) * 1000))
        guard polled[1].revents & Int16(POLLIN) != 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(ends[0], &bytes, bytes.count) == bytes.count {}
        return true
    }
}
