import Foundation
import ServiceKit
import Synchronization

/// A real mail server on loopback (aiosmtpd, driven by `scripts/smtp.py`), for as long as the object lives. The
/// recipient's name says what the server does with a letter.
package final class MailServer: @unchecked Sendable {
    // Only the test that owns this object touches `process`; a lock guards what it prints.
    private let process = Process()
    private let input = Pipe()
    private let printed = Mutex<[UInt8]>([])
    package private(set) var port = 0

    /// A message that the server took.
    package struct Taken: Sendable, Decodable {
        package let from: String
        package let to: [String]
        package let tls: Bool
        package let user: String?
        package let message: String
        /// As decoded by another implementation.
        package let subject: String
        package let sender: String
        package let recipient: String
        package let text: String
        package let html: String
        package let defects: [String]
    }

    private static let python = "/usr/bin/python3"
    private static let script = Repository.path("scripts/smtp.py")

    /// Whether the server is available; prints it once if it is not.
    package static let isThere: Bool = {
        let probe = Process()
        probe.executableURL = URL(filePath: python)
        probe.arguments = ["-c", "import aiosmtpd"]
        probe.standardError = FileHandle.nullDevice
        let works = (try? probe.begin()) != nil
        if works { _ = probe.waitUntilExit(atMost: 60) }
        let isThere = works && probe.terminationStatus == 0
        if !isThere {
            print(
                "Tests against a mail server are skipped: python3-aiosmtpd is not installed (scripts/setup.sh test does)"
            )
        }
        return isThere
    }()

    package init(_ arguments: [String] = []) throws {
        process.executableURL = URL(filePath: MailServer.python)
        process.arguments = [MailServer.script] + arguments
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        // It prints the stack of every connection that breaks off, and tests break connections off on purpose.
        process.standardError = FileHandle.nullDevice
        output.follow { [weak self] bytes in self?.printed.withLock { $0 += bytes } }
        try process.begin()
        let line = wait(seconds: 60) { $0.first { $0.hasPrefix("Ready ") } }
        guard let port = line.flatMap({ Int($0.dropFirst(6)) }) else { throw NotReady() }
        self.port = port
    }

    package struct NotReady: Error {}

    deinit { stop() }

    /// Ends it, and returns when it has ended.
    package func stop() {
        guard process.isRunning else { return }
        try? input.fileHandleForWriting.close()
        process.terminate()
        _ = process.waitUntilExit(atMost: 10)
    }

    /// The messages that it took, once there are `count` of them.
    package func taken(_ count: Int) throws -> [Taken] {
        let lines = wait(seconds: 60) { lines -> [String]? in
            let messages = lines.filter { $0.hasPrefix("{") }
            return messages.count >= count ? messages : nil
        }
        return try (lines ?? []).map { try JSONDecoder().decode(Taken.self, from: Data($0.utf8)) }
    }

    private func wait<T>(seconds: Double, for condition: ([String]) -> T?) -> T? {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end {
            let text = String(decoding: printed.withLock { $0 }, as: UTF8.self)
            // The last piece is a line only once its line end has come.
            let lines = text.components(separatedBy: "\n").dropLast()
            if let found = condition(Array(lines)) { return found }
            usleep(2000)
        }
        return nil
    }

    /// A certificate for localhost and its key, made by openssl for this run.
    package static func certificate(in folder: String) throws -> (certificate: String, key: String) {
        let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.begin()
        _ = openssl.waitUntilExit(atMost: 60)
        guard openssl.terminationStatus == 0 else { throw NotReady() }
        return (certificate, key)
    }
}
