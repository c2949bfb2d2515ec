import Foundation

/// Writes with the system's own call, because `FileHandle` ends the program on an error.
enum Descriptor {
    /// Writes all bytes, waiting for room in a pipe.
    /// - Returns: the system's error, 0 for none, and how many bytes were written.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> (error: Int32, written: Int) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                done += count
                continue
            }
            let error = count == 0 ? EIO : errno
            switch error {
            case EINTR: continue
            // Another process that shares the descriptor may have made it non-blocking.
            case EAGAIN:
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
            default: return (error, done)
            }
        }
        return (0, done)
    }

    /// Takes the numbers of standard input, output and error if they are closed, so that no file gets one of them and
    /// receives what is meant for people. Must be called before anything is opened.
    static func holdStandard() {
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) == -1 {
            // The lowest free number is this one. Opened only for reading, so that writing to it fails.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Makes a write fail, instead of ending the program, if nobody reads or the file would exceed its size limit.
    static func ignoreSignals() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }
}
