import Foundation
import Logging
import Metrics
import Values

/// Writes each log entry as one line of JSON to standard error: time, level, label, message, and the metadata as
/// fields, including the request id that follows an event through every service. It never blocks its callers, and a
/// write that fails does not end the program (``LineQueue``).
package struct JSONLog: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let label: String
    private let lines: LineQueue

    /// - Parameter lines: where the lines go.
    package init(label: String, level: Logger.Level, to lines: LineQueue = .errors) {
        self.label = label
        self.lines = lines
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
        if let line = JSONLog.line(event.level, label, "\(event.message)", fields) { lines.put(line) }
    }

    private static func line(
        _ level: Logger.Level, _ label: String, _ message: String, _ fields: [String: String]
    ) -> String? {
        var fields = fields
        fields["time"] = Environment.live().now().description
        fields["level"] = level.rawValue
        fields["logger"] = label
        fields["message"] = message
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(fields)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The line that reports how many lines are lost.
    package static func lost(_ count: Int) -> String? {
        line(.warning, "log", "\(count) lines of the log could not be written here", ["lost": "\(count)"])
    }

    /// Makes `/metrics` show how many lines are lost. Call it once the metrics registry is in place.
    static func countLost() {
        let counter = Counter(label: "popug_log_lines_lost_total")
        LineQueue.errors.count { counter.increment(by: $0) }
    }
}
