import Foundation
import Storage
import TestKit
import Testing

extension ClusterTests {
    @Test(
        "X41, X43: a process cut off from database and broker is missed, another has its work, and back again it writes nothing stale",
        .enabled(if: OtherHost.isAllowed))
    func cutOff() async throws {
        let cluster = try Cluster.shared()
        defer { cluster.abandon() }
        let ports = (cluster.server + cluster.openLog).matches(of: #/(?:port=|127\.0\.0\.1:)(\d+)/#).map {
            String($0.1)
        }
        let host = try OtherHost(ports: ports)
        defer { host.end() }
        try cluster.start()
        // In place of one of the two.
        _ = cluster.stop("accounting")
        try cluster.start(
            "accounting",
            variables: [
                "POPUG_DATABASE": host.seen("\(cluster.server) dbname=\(cluster.prefix){service}"),
                "POPUG_LOG": host.seen(cluster.openLog),
            ], through: host.entering)
        let work = Work(cluster, name: "cut")
        try await work.during {
            try await cluster.wait("both hosts share the partitions") { try cluster.readers("accounting") == 2 }
            try host.cut()
            try await cluster.wait("the host that can be reached has all partitions") {
                try cluster.readers("accounting") == 1
            }
            try await cluster.wait(forBooking: "it has booked what came meanwhile")
            let before = try cluster.passed("accounting")
            try host.mend()
            try await cluster.wait("both share again") { try cluster.readers("accounting") == 2 }
            #expect(try cluster.passed("accounting") >= before)
            try await cluster.wait(forBooking: "both have booked all")
        }
        try await cluster.quiet()
        #expect(cluster.stopAll().allSatisfy { $0 == 0 })
        try compare(work, cluster)
    }
}

/// Another host: a network of its own on this machine, with one wire to it, over which the servers of the tests can be
/// reached and nothing else.
final class OtherHost: @unchecked Sendable {
    // The process is only touched by the test that owns this object.
    private let name: String
    private let near: String
    private let forward = Process()
    private let input = Pipe()

    /// Whether this machine lets us make one; says so once where it doesn't.
    static let isAllowed: Bool = {
        let name = "popug-\(UUID().uuidString.prefix(6).lowercased())"
        guard getuid() == 0, (try? run("netns", "add", name)) != nil else {
            print("Tests that cut a network are skipped: they need root, iproute2 and the right to make namespaces")
            return false
        }
        defer { try? run("netns", "delete", name) }
        let wire = "pp\(name.suffix(6))"
        guard (try? run("link", "add", wire, "type", "veth", "peer", "name", "far0", "netns", name)) != nil else {
            print("Tests that cut a network are skipped: no wire to another namespace can be made")
            return false
        }
        // Where / is no mount of its own, as in a chroot, nobody may enter.
        guard (try? run("-n", name, "link")) != nil else {
            print("Tests that cut a network are skipped: another namespace cannot be entered")
            return false
        }
        return true
    }()

    /// - Parameter ports: of loopback, to be reached from there.
    init(ports: [String]) throws {
        let tag = UUID().uuidString.prefix(6).lowercased()
        name = "popug-\(tag)"
        let net = "198.18.\(UInt8.random(in: 0...255))"
        near = "\(net).1"
        try OtherHost.run("netns", "add", name)
        try OtherHost.run("link", "add", "pp\(tag)", "type", "veth", "peer", "name", "far0", "netns", name)
        try OtherHost.run("address", "add", "\(near)/24", "dev", "pp\(tag)")
        try OtherHost.run("link", "set", "pp\(tag)", "up")
        try OtherHost.run("-n", name, "address", "add", "\(net).2/24", "dev", "far0")
        try OtherHost.run("-n", name, "link", "set", "far0", "up")
        try OtherHost.run("-n", name, "link", "set", "lo", "up")
        forward.executableURL = URL(filePath: "/usr/bin/env")
        forward.arguments = ["python3", "\(PopugProcess.root ?? ".")/scripts/forward.py", near] + ports
        forward.standardInput = input
        let output = Pipe()
        forward.standardOutput = output
        try forward.begin()
        // `ready`, or its end.
        guard !output.fileHandleForReading.availableData.isEmpty else { throw Failed(description: "forward.py ended") }
    }

    private var wire: String { "pp\(name.suffix(6))" }

    /// A command in front of one that is to run there.
    var entering: [String] { ["ip", "netns", "exec", name] }

    /// An address of loopback, as it is reached from there.
    func seen(_ address: String) -> String { address.replacing("127.0.0.1", with: near) }

    /// What is sent from now on is lost, in both directions, without a word.
    func cut() throws { try OtherHost.run("link", "set", wire, "down") }
    func mend() throws { try OtherHost.run("link", "set", wire, "up") }

    func end() {
        try? input.fileHandleForWriting.close()
        _ = forward.waitUntilExit(atMost: 10)
        try? OtherHost.run("netns", "delete", name)
    }

    private static func run(_ words: String...) throws {
        guard try PopugProcess.system(["ip"] + words) else {
            throw Failed(description: "ip \(words.joined(separator: " ")) failed")
        }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }
}
