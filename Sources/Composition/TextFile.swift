import Foundation

/// Files and lines that people hand to the program: whole, in UTF-8, or a reason why not.
enum TextFile {
    /// - Parameter whose: what named the file, such as `metrics-token-file`.
    /// - Throws: ``Failure`` that says what the system says of it: there is none, or it may not be read.
    static func read(_ path: String, _ code: Failure.Code, whose: String? = nil) throws -> String {
        let bytes = try bytes(path, code, whose: whose)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(code, "\(named(path, whose)) is not text in UTF-8")
        }
        return text
    }

    static func bytes(_ path: String, _ code: Failure.Code, whose: String? = nil) throws -> [UInt8] {
        // By hand: Foundation says less of what is wrong, and reads no devices and pipes (`<(…)` of a shell).
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while descriptor >= 0 {
            let count = Foundation.read(descriptor, &piece, piece.count)
            if count == 0 { return bytes }
            if count > 0 { bytes += piece[..<count] } else if errno != EINTR { break }
        }
        throw Failure(code, "\(named(path, whose)) cannot be read: \(String(cString: strerror(errno)))")
    }

    /// A file's one line, without the white space around it.
    static func line(_ path: String, whose setting: String) throws -> String {
        try read(path, .configuration, whose: setting).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether something is there.
    /// - Throws: ``Failure`` where that cannot be said.
    static func exists(_ path: String) throws -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return true }
        let error = errno
        guard error == ENOENT else {
            throw Failure(.unavailable, "\(path) cannot be read: \(String(cString: strerror(error)))")
        }
        return false
    }

    private static func named(_ path: String, _ whose: String?) -> String {
        whose.map { "\(path), which \($0) names," } ?? path
    }
}
