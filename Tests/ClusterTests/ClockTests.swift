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
