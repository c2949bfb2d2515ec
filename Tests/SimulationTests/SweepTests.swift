import Simulation
import Testing

/// Short runs, each with the program's death at every one of its places in turn.
@Suite("A crash at every step of a run")
struct SweepTests {
    /// Small companies for a day or two, under the same fifty seeds each time; days on end; several processes; a few busy
    /// days of a larger company.
    static let runs =
        (1...50).map { "--seed \($0) --steps 16 --hours 3 --employees 1 --processes 1" }
        + ["--seed 8 --steps 16 --hours 14 --processes 1", "--seed 5 --steps 8 --hours 9 --processes 2"]
        + (1...4).map { "--seed \($0) --steps 24 --hours 5 --processes 1" }

    @Test("X40, X26 to X28: wherever the program dies, once, all comes to rest and no cent is lost")
    func sweep() throws {
        let sweep = CrashSweep(try SweepTests.runs.map { try KnownSeeds.plan(of: $0) })
        for result in sweep.go() {
            Issue.record("\(result.plan.command): \(result.finding ?? "")")
        }
        print("Sweep: \(sweep.points) crashes in \(SweepTests.runs.count) runs")
        #expect(sweep.points > 20_000)
    }

    @Test("a run that goes on from a kept beginning is the same as one that has made its own")
    func kept() throws {
        for options in SweepTests.runs.suffix(12) {
            var plan = try KnownSeeds.plan(of: options)
            let whole = Run.go(plan)
            try plan.keepBeginning()
            let kept = Run.go(plan)
            #expect(whole.finding == nil && kept.finding == nil)
            #expect(kept.points == whole.points && kept.marks == whole.marks, "\(options)")
            #expect(kept.requests == whole.requests && kept.days == whole.days)
        }
    }
}
