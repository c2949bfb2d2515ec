import Foundation

// `popug-bench [NAME…]`: measures the named benchmarks, or all. Each figure is shown with a reference that ran at the
// same time on the same machine, as a ratio. The project sets the aims itself (docs/operating.md).
let wanted = Set(CommandLine.arguments.dropFirst())
let benchmarks: [(name: String, run: () async throws -> [Figure])] = [
    ("ledger", { try LedgerBenchmark.run() }),
    ("import", { try await ImportBenchmark.run() }),
    ("reassign", { try await ReassignBenchmark.run() }),
    ("create", { try await CreateBenchmark.run() }),
    ("close", { try CloseBenchmark.run() }),
    ("latency", { try await LatencyBenchmark.run() }),
    ("pages", { try await PagesBenchmark.run() }),
    ("hostile", { try await HostileBenchmark.run() }),
    ("mail", { try MailBenchmark.run() }),
    ("analytics", { try AnalyticsBenchmark.run() }),
    ("broker", { try BrokerBenchmark.run() }),
    ("cluster", { try await ClusterBenchmark.run() }),
    ("backup", { try await BackupBenchmark.run() }),
]
for name in wanted where !benchmarks.contains(where: { $0.name == name }) {
    print("No benchmark is called \(name). There are: \(benchmarks.map(\.name).joined(separator: ", "))")
    exit(2)
}
show("Figure".padded(62) + "measured".padded(18) + "reference".padded(18) + "ratio".padded(9) + "aim")
for benchmark in benchmarks where wanted.isEmpty || wanted.contains(benchmark.name) {
    do {
        for figure in try await benchmark.run() { show(figure.line) }
    } catch {
        FileHandle.standardError.write(Data("\(benchmark.name): \(error)\n".utf8))
        exit(1)
    }
}

/// Writes a line at once, even if the output is a file.
func show(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
