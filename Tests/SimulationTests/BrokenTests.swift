import Simulation
import Testing

/// The simulator itself is tested: a product with a known defect must be found out, and soon.
@Suite("The simulator finds what is broken")
struct BrokenTests {
    @Test(
        "A broken rule is found within a thousand seeds",
        arguments: ["refund on reassign", "close without a guard", "acknowledge before commit"])
    func found(name: String) {
        let variant =
            switch name {
            case "refund on reassign": Broken.refunds
            case "close without a guard": Broken.closesEarly
            default: Broken.acknowledgesFirst
            }
        var needed: UInt64?
        for seed in UInt64(1)...1000 where needed == nil {
            var plan = RunPlan(seed: seed)
            plan.variant = variant
            if let finding = Run.go(plan).finding {
                needed = seed
                print("\(name): found after \(seed) seeds: \(finding)")
            }
        }
        #expect(needed != nil, "\(name) was not found")
    }
}
