import Foundation
import Simulation
import TestKit
import TestTraits
import Testing

/// Seeds that found something once, in the product or in the auditor's own idea of it.
@Suite("Seeds that have found something", .tags(.simulator), .ifChosen)
struct RegressionTests {
    @Test("What was found once is not found again")
    func stays() throws {
        let known = try KnownSeeds.read((PopugProcess.root ?? ".") + "/Tests/SimulationTests/Seeds.txt")
        #expect(!known.isEmpty)
        for known in known {
            let result = Run.go(known.plan)
            #expect(result.finding == nil, "\(known): \(result.finding ?? "")")
        }
    }

    @Test("What is found is kept as the command that shows it, and read again")
    func kept() throws {
        let path = FileManager.default.temporaryDirectory.path + "/seeds-\(UUID().uuidString).txt"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var plan = RunPlan(seed: 1)
        plan.variant = Broken.refunds
        plan.steps = 200
        var found = Run.go(plan)
        for seed in UInt64(2)...200 where found.finding == nil {
            plan.seed = seed
            found = Run.go(plan)
        }
        let small = Campaign.minimized(found, tries: 60)
        try KnownSeeds.add(small, to: path)
        try KnownSeeds.add(small, to: path)
        let known = try KnownSeeds.read(path)
        #expect(known.map(\.plan.command) == [small.plan.command, small.plan.command])
        #expect(known.first?.what.isEmpty == false)
    }
}
