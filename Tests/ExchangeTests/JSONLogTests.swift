import Composition
import Foundation
import Logging
import Synchronization
import Testing

/// What a process writes on standard error while it serves.
@Suite("The log's lines")
struct JSONLogTests {
    /// A pipe; its reader takes what is there.
    private struct Reader: ~Copyable {
        let ends: (read: Int32, write: Int32)

        init() throws {
            var both: [Int32] = [0, 0]
            try #require(pipe(&both) == 0)
            ends = (both[0], both[1])
        }

        /// The next `count` lines; waits for them.
        func lines(_ count: Int) -> [String] {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            var found = 0
            while found < count, read(ends.read, &byte, 1) == 1 {
                bytes.append(byte)
                if byte == UInt8(ascii: "\n") { found += 1 }
            }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }

        deinit {
            close(ends.read)
            close(ends.write)
        }
    }

    private static func fields(_ line: String) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    }

    @Test("An entry is one line of JSON, whatever is in it, with its metadata as fields")
    func line() throws {
        let reader = try Reader()
        let queue = LineQueue(reader.ends.write, notice: JSONLog.lost)
        var logger = Logger(label: "tracker") { JSONLog(label: $0, level: .info, to: queue) }
        logger[metadataKey: "service"] = "tracker"
        logger.debug("too fine")
        logger.warning("a \"line\"\nand another \u{0}\u{1F99C}", metadata: ["request": "0190a000", "service": "own"])
        logger.error("next")
        let lines = reader.lines(2)
        let first = try JSONLogTests.fields(lines[0])
        #expect(first["message"] == "a \"line\"\nand another \u{0}\u{1F99C}")
        #expect(first["level"] == "warning" && first["logger"] == "tracker" && first["request"] == "0190a000")
        #expect(first["service"] == "own" && first["time"]?.hasSuffix("Z") == true)
        let second = try JSONLogTests.fields(lines[1])
        #expect(second["message"] == "next" && second["service"] == "tracker" && second["request"] == nil)
    }

    @Test("Nobody waits for a reader who does not read: lines without room are counted, and said when there is room")
    func slow() throws {
        let reader = try Reader()
        let queue = LineQueue(reader.ends.write, notice: JSONLog.lost)
        let lost = Mutex(0)
        queue.count { more in lost.withLock { $0 += more } }
        let long = String(repeating: "x", count: 100_000)
        let count = 12
        for _ in 0..<count { queue.put(long) }
        let missing = lost.withLock { $0 }
        #expect((1..<count).contains(missing))
        var seen = reader.lines(1)
        while seen.count(where: { $0 == long }) < count - missing { seen += reader.lines(1) }
        // The room is free once the writer has noted its last line.
        queue.flush(within: 60)
        queue.put("after")
        while seen.last != "after" { seen += reader.lines(1) }
        let told = try seen.filter { $0 != long && $0 != "after" }.compactMap {
            Int(try JSONLogTests.fields($0)["lost"] ?? "")
        }
        #expect(told.reduce(0, +) == missing)
    }
}
