import Simulation
import Testing

/// Short runs, each with the program's death at every one of its places in turn.
@Suite("A crash at every step of a run")
struct SweepTests {
    /// Days on end, and several processes; and a few busy days under the same ten seeds each time.
    static let runs =
        ["--seed 8 --steps 16 --hours 14 --processes 1", "--seed 5 --steps 8 --hours 9 --processes 2"]
        + (1...10).map { "--seed \($0) --steps 24 --hours 5 --processes 1" }

    @Test("X40, X26 to X28: wherever the program dies, once, all comes to rest and no cent is lost")
    func sweep() throws {
        var crashes = 0
        for options in SweepTests.runs {
            let sweep = CrashSweep(try KnownSeeds.plan(of: options))
            crashes += sweep.points
            for result in sweep.go() {
                Issue.record("\(result.plan.command): \(result.finding ?? "")")
            }
        }
        print("Sweep: \(crashes) crashes in \(SweepTests.runs.count) runs")
        #expect(crashes > 2500)
    }
}
