import Dispatch
import Synchronization

/// Runs over and over, without any other fault, each time with the program's death at another place: before each
/// statement, around each commit and publication, at each call to the outside, in turn.
package struct CrashSweep: Sendable {
    /// One for each place of each run.
    private let deaths: [RunPlan]

    /// How many places there are.
    package var points: Int { deaths.count }

    /// Goes through each run once, to see at how many places the program may die in it.
    package init(_ plans: [RunPlan]) {
        let whole = CrashSweep.each(plans) { plan in
            var plan = plan
            plan.withoutFaults = Set(Fault.allCases)
            // Where it can't begin, the run says why.
            try? plan.keepBeginning()
            return Run.go(plan)
        }
        deaths = whole.flatMap { run in
            // One that finds something without any death is told as it is.
            guard run.finding == nil else { return [run.plan] }
            return (0..<run.points).map { point in
                var plan = run.plan
                plan.crashAt = point + 1
                return plan
            }
        }
    }

    /// Returns what was found, in order.
    /// - Parameter progress: hears how many are done, on any thread.
    package func go(progress: @escaping @Sendable (Int) -> Void = { _ in }) -> [RunResult] {
        let done = Atomic(0)
        return CrashSweep.each(deaths) { plan in
            let result = Run.go(plan)
            progress(done.add(1, ordering: .relaxed).newValue)
            return result
        }.filter { $0.finding != nil }
    }

    /// Runs don't know of each other, so that all cores work.
    private static func each(_ plans: [RunPlan], _ go: @Sendable (RunPlan) -> RunResult) -> [RunResult] {
        let results = Mutex<[Int: RunResult]>([:])
        DispatchQueue.concurrentPerform(iterations: plans.count) { index in
            let result = go(plans[index])
            results.withLock { $0[index] = result }
        }
        return results.withLock { results in plans.indices.compactMap { results[$0] } }
    }
}
