import Foundation
import TestKit
import TestTraits
import Testing

/// The import verb and the ends that an import may have (X19).
@Suite(
    "The import verb", .tags(.servers), .ifChosen, .enabled(if: PopugProcess.binary != nil, "needs make test"),
    .serialized)
struct ImportVerbTests {
    @Test("X19: an import that waits is stopped from elsewhere; who follows it is told, with exit code 1")
    func stopped() async throws {
        let installation = try TestInstallation(employees: 1)
        // Nobody is left to be dealt tasks, so the import waits.
        for email in ["worker.1@example.com", "abe.accountant@example.com"] {
            try TestInstallation.run(["person", "roles", email, "manager", "--data", installation.data])
        }
        let server = try PopugProcess(data: installation.data)
        defer { server.stop() }
        let file = installation.folder.path + "/work.csv"
        try "created_at,created_by,title\n2026-01-01T00:00:00Z,Ada Admin,Wait\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        let data = installation.data
        async let following = Task.detached { try PopugProcess.run(["import", file, "--data", data]) }.value
        var said = ""
        for _ in 0..<400 where !said.contains("stopped") {
            said = try TestInstallation.run(["import", "--stop", "--data", installation.data])
        }
        #expect(said == "work.csv stopped, 0 tasks made")
        let followed = try await following
        #expect(followed.status == 1)
        #expect(followed.errors.contains("run it again to go on"), "\(followed)")
        said = try TestInstallation.run(["import", "--stop", "--data", data])
        #expect(said == "No import is under way.")
        #expect(try PopugProcess.run(["import", file, "--stop", "--data", installation.data]).status == 2)
        #expect(try PopugProcess.run(["import", "--data", installation.data]).status == 2)
    }
}
