import Simulation
import Testing

/// A short run, with the program's death at each of its places in turn.
@Suite("A crash at every step of a run")
struct SweepTests {
    @Test("X40: wherever the program dies, once, all comes to rest and no cent is lost", arguments: [UInt64(3)])
    func sweep(seed: UInt64) {
        var plan = RunPlan(seed: seed)
        plan.steps = 24
        plan.hours = 5
        let sweep = CrashSweep(plan)
        #expect(sweep.points > 100)
        for result in sweep.go() {
            Issue.record("\(result.plan.command): \(result.finding ?? "")")
        }
    }
}
