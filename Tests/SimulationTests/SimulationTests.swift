import Simulation
import TestTraits
import Testing

/// The simulator at work: what it finds is a defect, and the same seed is the same run.
@Suite("The simulator", .tags(.simulator), .ifChosen)
struct SimulationTests {
    @Test("X40: whatever dies, no cent is lost or made up, and everything comes to rest")
    func seeds() {
        var campaign = Campaign()
        // `make test` runs hundreds with the verb, on all cores.
        for seed in UInt64(1)...12 {
            let result = Run.go(RunPlan(seed: seed))
            campaign.add(result)
            #expect(result.finding == nil, "\(result.plan.command): \(result.finding ?? "")")
        }
        #expect(campaign.faults > 100)
    }

    @Test("The same seed is the same run, statement by statement")
    func determinism() {
        for seed in UInt64(1)...10 {
            var plan = RunPlan(seed: seed)
            plan.steps = 25
            plan.digests = true
            let first = Run.go(plan)
            #expect(first.digest == Run.go(plan).digest, "\(plan.command)")
        }
    }

    @Test("Another seed is another run")
    func difference() {
        let digests = (UInt64(1)...20).map { seed in
            var plan = RunPlan(seed: seed)
            plan.steps = 5
            plan.digests = true
            return Run.go(plan).digest
        }
        #expect(Set(digests).count == 20)
    }
}
