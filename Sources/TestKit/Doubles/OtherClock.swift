import Foundation

/// A time of day for a process that a test decides (libfaketime).
package struct OtherClock {
    private static let library: String? = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        let paths = folders.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
        return paths.first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// Prints it once if it is not allowed.
    package static let isAllowed: Bool = {
        if library == nil { print("Tests with a clock that jumps are skipped: libfaketime is not installed") }
        return library != nil
    }()

    private let file: String
    private let passes: Bool

    /// - Parameter passes: whether the time that a jump skips passes for the process, so that its uptime grows as well.
    ///   Otherwise only the clock was set, and the monotonic clock does not jump.
    package init(folder: String, passes: Bool = false) throws {
        self.passes = passes
        file = folder + "/clock"
        try jump("+0")
    }

    /// For a process that is started through another program (`through: ["env"]`): the library changes the environment
    /// of the first program, and then Swift does not find the arguments of the command line.
    package var variables: [String: String] {
        [
            "LD_PRELOAD": OtherClock.library ?? "", "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": passes ? "0" : "1",
        ]
    }

    /// Sets how far the clock is from the real one: `-5h`.
    package func jump(_ distance: String) throws {
        try distance.write(toFile: file, atomically: true, encoding: .utf8)
    }
}
