import Foundation
import Logging
import Synchronization
import Values

/// Writes each log entry as one line of JSON to standard error: time, level, label, message, and the metadata as
/// fields, among them the request id that follows an event through every service.
package struct JSONLog: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let label: String

    // One line at a time, whatever the thread.
    private static let output = Mutex<Void>(())

    package init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields: [String: String] = [:]
        for (key, value) in metadata { fields[key] = "\(value)" }
        for (key, value) in event.metadata ?? [:] { fields[key] = "\(value)" }
        fields["time"] = Environment.live().now().description
        fields["level"] = event.level.rawValue
        fields["logger"] = label
        fields["message"] = "\(event.message)"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(fields) else { return }
        JSONLog.output.withLock { _ in FileHandle.standardError.write(line + Data("\n".utf8)) }
    }
}
