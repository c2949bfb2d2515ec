import Dispatch
import Synchronization

/// Runs over and over, without any other fault, each time with the program's death at another place: before each
/// statement, around each commit and publication, at each call to the outside, in turn.
package struct CrashSweep: Sendable {
    /// One for each place at which the program is to die.
    private let deaths: [RunPlan]

    /// How many times the program dies.
    package var points: Int { deaths.count }
    /// How many places there are in all runs.
    package let places: Int
    /// How many of them are different: another statement, or another work that it is part of.
    package let kinds: Int

    /// Goes through each run once, to see at how many places the program may die in it.
    /// - Parameter each: how many places of one kind are tried, spread evenly over the runs; all where it is not given.
    package init(_ plans: [RunPlan], each: Int? = nil) {
        let whole = CrashSweep.each(plans) { plan in
            var plan = plan
            plan.withoutFaults = Set(Fault.allCases)
            // Where it can't begin, the run says why.
            try? plan.keepBeginning()
            plan.namesPlaces = true
            return Run.go(plan)
        }
        var found: [String: [RunPlan]] = [:]
        var deaths: [RunPlan] = []
        for run in whole {
            var plan = run.plan
            plan.namesPlaces = false
            // One that finds something without any death is told as it is.
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
        for kind in found.keys.sorted() { deaths += CrashSweep.spread(found[kind] ?? [], each ?? .max) }
        self.deaths = deaths
    }

    /// At most `count` of them, evenly spread, the first always.
    private static func spread(_ plans: [RunPlan], _ count: Int) -> [RunPlan] {
        guard plans.count > count else { return plans }
        return (0..<count).map { plans[$0 * plans.count / count] }
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
