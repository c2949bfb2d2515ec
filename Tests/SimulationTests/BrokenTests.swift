import Simulation
import TestTraits
import Testing

/// The simulator itself is tested: a product with a known defect must be found out, and soon.
@Suite("The simulator finds what is broken", .tags(.simulator), .ifChosen)
struct BrokenTests {
    struct Defect: Sendable, CustomTestStringConvertible {
        let name: String
        let variant: Variant
        var testDescription: String { name }
    }

    static let defects = [
        Defect(name: "refund on reassign", variant: Broken.refunds),
        Defect(name: "close without a guard", variant: Broken.closesEarly),
        Defect(name: "acknowledge before commit", variant: Broken.acknowledgesFirst),
        Defect(name: "no de-duplication", variant: Broken.takesTwice),
        Defect(name: "mark relayed before publish", variant: Broken.marksFirst),
        Defect(name: "price drawn twice", variant: Broken.drawsTwice),
        Defect(name: "numbers given anew after a crash of the relay", variant: Broken.numbersAnew),
        Defect(name: "parking without holding the key", variant: Broken.parksAlone),
        Defect(name: "payout retried with a new key", variant: Broken.paysAnew),
        Defect(name: "a link works twice", variant: Broken.linksTwice),
        Defect(name: "a copied passkey gets in", variant: Broken.copiesGetIn),
    ]

    @Test("A broken rule is found within a thousand seeds", arguments: defects)
    func found(defect: Defect) {
        var needed: UInt64?
        for seed in UInt64(1)...1000 where needed == nil {
            var plan = RunPlan(seed: seed)
            plan.variant = defect.variant
            if let finding = Run.go(plan).finding {
                needed = seed
                print("\(defect.name): found by seed \(seed): \(finding)")
            }
        }
        #expect(needed != nil, "\(defect.name) was not found")
    }
}
