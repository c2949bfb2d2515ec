import Simulation
import Testing

/// A short run, with the program's death at each of its places in turn.
@Suite("A crash at every step of a run")
struct SweepTests {
    @Test(
        "X40: wherever the program dies, once, all comes to rest and no cent is lost",
        arguments: [
            "--seed 3 --steps 24 --hours 5 --processes 1", "--seed 8 --steps 16 --hours 14 --processes 1",
            "--seed 5 --steps 8 --hours 9 --processes 2",
        ])
    func sweep(options: String) throws {
        let plan = try KnownSeeds.plan(of: options)
        let sweep = CrashSweep(plan)
        #expect(sweep.points > 100)
        for result in sweep.go() {
            Issue.record("\(result.plan.command): \(result.finding ?? "")")
        }
    }
}
