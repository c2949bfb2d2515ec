import Dispatch
import Synchronization

/// Repeats runs without any other fault, and makes the program die at another place each time: before each statement,
/// around each commit and publication, at each call to the outside.
package struct CrashSweep: Sendable {
    /// One plan for each place at which the program is to die.
    private let deaths: [RunPlan]

    /// How many times the program dies.
    package var points: Int { deaths.count }
    /// How many places there are in all runs.
    package let places: Int
    /// How many of them are different: another statement, or the same one in another piece of work.
    package let kinds: Int

    /// Goes through each run once, to count the places at which the program may die.
    /// - Parameter each: how many places of one kind are tried, spread evenly over the runs; all if it is not given.
    package init(_ plans: [RunPlan], each: Int? = nil) {
        let whole = CrashSweep.each(plans) { plan in
            var plan = plan
            plan.withoutFaults = Set(Fault.allCases)
            // If it cannot begin, the run reports why.
            try? plan.keepBeginning()
            plan.namesPlaces = true
            return Run.go(plan)
        }
        var found: [String: [RunPlan]] = [:]
        var deaths: [RunPlan] = []
        for run in whole {
            var plan = run.plan
            plan.namesPlaces = false
            // A run with a finding even without a crash is reported as it is.
            guard run.finding == nil else {
                deaths.append(plan)
                continue
            }
            for (index, place) in run.places.enumerated() {
                plan.crashAt = index + 1
                found[place, default: []].append(plan)
            }
        }
        kinds = found.count
        places = found.values.reduce(0) { $0 + $1.count }
        for kind in found.keys.sorted() { deaths += CrashSweep.cluster(found[kind] ?? [], each ?? .max) }
        self.deaths = deaths
    }

    /// At most `count` of them, evenly spread, always including the first.
    private static func cluster(_ plans: [RunPlan], _ count: Int) -> [RunPlan] {
        guard plans.count > count else { return plans }
        return (0..<count).map { plans[$0 * plans.count / count] }
    }

    /// Returns the findings, in order.
    /// - Parameter progress: is called with how many runs are done, on any thread.
    package func go(progress: @escaping @Sendable (Int) -> Void = { _ in }) -> [RunResult] {
        let done = Atomic(0)
        return CrashSweep.each(deaths) { plan in
            let result = Run.go(plan)
            progress(done.add(1, ordering: .relaxed).newValue)
            return result
        }.filter { $0.finding != nil }
    }

    /// Runs know nothing about each other, so all cores can work.
    private static func each(_ plans: [RunPlan], _ go: @Sendable (RunPlan) -> RunResult) -> [RunResult] {
        let results = Mutex<[Int: RunResult]>([:])
        DispatchQueue.concurrentPerform(iterations: plans.count) { index in
            let result = go(plans[index])
            results.withLock { $0[index] = result }
        }
        return results.withLock { results in plans.indices.compactMap { results[$0] } }
    }
}
