import Simulation
import Testing

/// Seeds that found something once, in the product or in the auditor's own idea of it.
@Suite("Seeds that have found something")
struct RegressionTests {
    struct Known: Sendable, CustomTestStringConvertible {
        let seed: UInt64
        var steps: Int?
        let what: String
        var testDescription: String { "\(seed): \(what)" }
    }

    static let known = [
        Known(seed: 1_795_249_089, steps: 239, what: "a registration answered again after the person was changed"),
        Known(seed: 76, steps: 103, what: "a registration answered again after the person was changed"),
        Known(seed: 138, steps: 104, what: "a parked event tried twice on request, answered as things stand"),
    ]

    @Test("What was found once is not found again", arguments: known)
    func stays(known: Known) {
        var plan = RunPlan(seed: known.seed)
        plan.steps = known.steps
        let result = Run.go(plan)
        #expect(result.finding == nil, "\(plan.command): \(result.finding ?? "")")
    }
}
