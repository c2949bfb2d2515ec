import Composition
import Foundation
import Operations
import TestKit

/// A backup of a gigabyte while the server runs, compared with `cp` of the same databases, flushed to the disk; how
/// long the writers were stopped for it; and restoring it, with every page checked.
enum BackupBenchmark {
    private static let size: Int64 = 1 << 30

    static func run() async throws -> [Figure] {
        let server = try BenchServer()
        defer { server.stop() }
        try await server.fill(4_000)
        try await server.quiet()
        let data = server.installation.data
        // Real rows, repeated, so that they compress as they do in a real folder.
        let history = data + "/tracker.sqlite"
        _ = try PopugProcess.sqlite(history, "CREATE TABLE bench_history AS SELECT * FROM task_history")
        while try bytes(of: data) < size {
            _ = try PopugProcess.sqlite(history, "INSERT INTO bench_history SELECT * FROM bench_history")
        }
        let folder = server.installation.folder.path
        let copy = try seconds {
            _ = try PopugProcess.system([
                "sh", "-c", "mkdir \(folder)/cp && cp \(data)/*.sqlite \(folder)/cp && sync \(folder)/cp/*",
            ])
        }
        let file = folder + "/bench.tar.gz"
        let taken = try seconds { try TestInstallation.run(["backup", file, "--data", data]) }
        let restored = try seconds { try TestInstallation.run(["restore", file, "--data", folder + "/restored"]) }
        let record = try BackupRecords(folder: data).latest(1).first
        let held = record?.heldMilliseconds ?? .infinity
        let packed = Double(record?.size ?? 0) / Double(try bytes(of: data))
        return [
            .time("backup of 1 GB beside work, and cp of the same", taken, reference: copy, atMost: 12),
            .bound(
                "  writers stood still", Figure.milliseconds(held / 1000), met: held < 50, aim: "< 50 ms"),
            .bound("  size of the file", String(format: "%.0f %%", packed * 100), met: packed < 0.5, aim: "< 50 %"),
            .time("restore of it, every page checked", restored, reference: copy, atMost: 20),
        ]
    }

    private static func bytes(of folder: String) throws -> Int64 {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".sqlite") || $0.hasSuffix("-wal")
        }
        .reduce(0) { sum, name in
            let size = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.size] as? Int64
            return sum + (size ?? 0)
        }
    }
}
