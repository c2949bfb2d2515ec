import Simulation
import TestTraits
import Testing

/// Short runs, each with the program's death at one of its places: so that every statement of every work, every commit
/// and every call is one at which it has died. `make simulate` goes through all places of new runs.
@Suite("A crash at every step of a run", .tags(.simulator), .ifChosen)
struct SweepTests {
    /// Small companies for a day or two, under the same fifty seeds each time; days on end; several processes; a few busy
    /// days of a larger company.
    static let runs =
        (1...50).map { "--seed \($0) --steps 16 --hours 3 --employees 1 --processes 1" }
        + ["--seed 8 --steps 16 --hours 14 --processes 1", "--seed 5 --steps 8 --hours 9 --processes 2"]
        + (1...4).map { "--seed \($0) --steps 24 --hours 5 --processes 1" }

    /// How many places of one kind.
    static let each = 6

    @Test("X40, X26 to X28: wherever the program dies, once, all comes to rest and no cent is lost")
    func sweep() throws {
        let sweep = CrashSweep(try SweepTests.runs.map { try KnownSeeds.plan(of: $0) }, each: SweepTests.each)
        for result in sweep.go() {
            Issue.record("\(result.plan.command): \(result.finding ?? "")")
        }
        print("Sweep: \(sweep.points) crashes at \(sweep.kinds) kinds of places in \(SweepTests.runs.count) runs")
        #expect(sweep.kinds > 600)
        #expect(sweep.points > 3 * sweep.kinds)
        #expect(sweep.points <= SweepTests.each * sweep.kinds)
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
