import Foundation

/// Files and lines that people give to the program: read completely, in UTF-8, or an error that says why not.
enum TextFile {
    /// - Parameter whose: what named the file, such as `metrics-token-file`.
    /// - Throws: ``Failure`` with the system's reason: the file does not exist, or may not be read.
    static func read(_ path: String, _ code: Failure.Code, whose: String? = nil) throws -> String {
        let bytes = try bytes(path, code, whose: whose)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(code, "\(named(path, whose)) is not text in UTF-8")
        }
        return text
    }

    static func bytes(_ path: String, _ code: Failure.Code, whose: String? = nil) throws -> [UInt8] {
        // With system calls: Foundation says less about errors, and does not read devices and pipes (`<(…)` of a
        // shell).
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

    /// The single line of a file, without the white space around it.
    static func line(_ path: String, whose setting: String) throws -> String {
        try read(path, .configuration, whose: setting).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether a file exists.
    /// - Throws: ``Failure`` if that cannot be determined.
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
