import Foundation
import Storage
import TestKit
import Testing

extension ClusterTests {
    @Test(
        "X41, X43: a process whose clock is put back and ahead by hours keeps its share, and nothing is lost or happens twice",
        .enabled(if: OtherClock.isAllowed))
    func clockJumps() async throws {
        let cluster = try Cluster.shared()
        defer { cluster.abandon() }
        let clock = try OtherClock(folder: cluster.folder.path)
        try cluster.start()
        // In place of one of the two.
        _ = cluster.stop("accounting")
        // Through another program: the library changes the variables of the first one under it, and then Swift does not
        // find the words of the command line.
        // Without TLS: by a clock that is behind, the certificate of the tests' brokers is not valid yet.
        let variables = clock.variables.merging(["POPUG_LOG": cluster.openLog]) { $1 }
        try cluster.start("accounting", variables: variables, through: ["env"])
        let work = Work(cluster, name: "clock")
        try await work.during {
            try await cluster.wait("both share the partitions") { try cluster.readers("accounting") == 2 }
            for jump in ["-5h", "+30h", "+0"] {
                try clock.jump(jump)
                try await cluster.wait(forBooking: "all is booked with a clock at \(jump)")
                let seen = work.acknowledged
                try await cluster.wait("work goes on") { work.acknowledged > seen + 50 }
                try await cluster.wait(forBooking: "all is booked still")
                try await cluster.wait("both share still") { try cluster.readers("accounting") == 2 }
            }
        }
        try await cluster.quiet()
        #expect(cluster.stopAll().allSatisfy { $0 == 0 })
        try compare(work, cluster)
    }
}

/// A time of day that a process sees and that a test decides (libfaketime); the monotonic clock stays what it is.
struct OtherClock {
    private static let library: String? = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        let paths = folders.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
        return paths.first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// Says so once where it is not.
    static let isAllowed: Bool = {
        if library == nil { print("Tests with a clock that jumps are skipped: libfaketime is not installed") }
        return library != nil
    }()

    private let file: String

    init(folder: String) throws {
        file = folder + "/clock"
        try jump("+0")
    }

    var variables: [String: String] {
        [
            "LD_PRELOAD": OtherClock.library ?? "", "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// How far it is from the real one: `-5h`.
    func jump(_ distance: String) throws {
        try distance.write(toFile: file, atomically: true, encoding: .utf8)
    }
}
