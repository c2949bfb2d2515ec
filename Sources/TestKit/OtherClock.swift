import Foundation

/// A time of day that a process sees and that a test decides (libfaketime).
package struct OtherClock {
    private static let library: String? = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        let paths = folders.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
        return paths.first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// Says so once where it is not.
    package static let isAllowed: Bool = {
        if library == nil { print("Tests with a clock that jumps are skipped: libfaketime is not installed") }
        return library != nil
    }()

    private let file: String
    private let passes: Bool

    /// - Parameter passes: whether the time that a jump leaps over passes for the process, which then has run for as long;
    ///   else the clock was only set, and its monotonic one stays what it is.
    package init(folder: String, passes: Bool = false) throws {
        self.passes = passes
        file = folder + "/clock"
        try jump("+0")
    }

    /// For a process that is started through another program (`through: ["env"]`): the library changes the variables of
    /// the first one under it, and then Swift does not find the words of the command line.
    package var variables: [String: String] {
        [
            "LD_PRELOAD": OtherClock.library ?? "", "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": passes ? "0" : "1",
        ]
    }

    /// How far it is from the real one: `-5h`.
    package func jump(_ distance: String) throws {
        try distance.write(toFile: file, atomically: true, encoding: .utf8)
    }
}
