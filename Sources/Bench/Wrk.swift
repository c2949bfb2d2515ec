import Foundation
import TestKit

/// Load from `wrk`, which uses far less of the machine than the server that it drives. 32 connections, one thread.
enum Wrk {
    struct Outcome {
        let requests: Int
        let seconds: Double
    }

    /// Posts `{"title":"POP-n: Feed the cat"}` with a new idempotency key each time, for `seconds` seconds.
    /// - Throws: ``RawError`` if `wrk` is missing or an answer was not a success.
    static func post(to url: String, tokens: [String], mark: String, seconds: Int) throws -> Outcome {
        let list = tokens.map { "\"Bearer \($0)\"" }.joined(separator: ",")
        return try run(
            """
            local tokens = {\(list)}
            local count = 0
            request = function()
              count = count + 1
              local headers = {["Content-Type"] = "application/json", ["Idempotency-Key"] = "\(mark)-" .. count}
              if #tokens > 0 then headers["Authorization"] = tokens[count % #tokens + 1] end
              return wrk.format("POST", nil, headers, '{"title":"POP-' .. count .. ': Feed the cat"}')
            end
            """, url, seconds)
    }

    /// Requests one page, for `seconds` seconds.
    /// - Throws: as ``post(to:tokens:mark:seconds:)``.
    static func get(_ url: String, token: String, seconds: Int) throws -> Outcome {
        try run("wrk.headers[\"Authorization\"] = \"Bearer \(token)\"", url, seconds)
    }

    private static func run(_ request: String, _ url: String, _ seconds: Int) throws -> Outcome {
        let folder = try TemporaryFolder()
        let script = folder.path + "/request.lua"
        let done = """
            done = function(summary, latency, requests)
              local e = summary.errors
              io.write(string.format("result %d %d %d\\n", summary.requests, summary.duration,
                e.connect + e.read + e.write + e.status + e.timeout))
            end
            """
        try "\(request)\n\(done)\n".write(toFile: script, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["wrk", "-t1", "-c32", "-d\(seconds)s", "-s", script, url]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.begin()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let numbers = output.split(separator: "\n").first { $0.hasPrefix("result ") }?.split(separator: " ")
            .dropFirst().compactMap { Int($0) }
        guard let numbers, numbers.count == 3 else { throw RawError(message: "wrk said: \(output)") }
        guard numbers[2] == 0 else { throw RawError(message: "\(numbers[2]) requests to \(url) failed") }
        return Outcome(requests: numbers[0], seconds: Double(numbers[1]) / 1e6)
    }
}
