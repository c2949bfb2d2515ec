import Dispatch
import Synchronization

/// One run over and over, without any other fault, each time with the program's death at another place: before each
/// statement, around each commit and publication, at each call to the outside, in turn.
package struct CrashSweep: Sendable {
    private let plan: RunPlan
    /// How many places there are.
    package let points: Int

    package init(_ plan: RunPlan) {
        var plan = plan
        plan.withoutFaults = Set(Fault.allCases)
        points = Run.go(plan).points
        self.plan = plan
    }

    /// Returns what was found, in order. Runs don't know of each other, so that all cores work.
    /// - Parameter progress: hears how many are done, on any thread.
    package func go(progress: @escaping @Sendable (Int) -> Void = { _ in }) -> [RunResult] {
        let state = Mutex<(done: Int, found: [RunResult])>((0, []))
        DispatchQueue.concurrentPerform(iterations: points) { [plan] index in
            var plan = plan
            plan.crashAt = index + 1
            let result = Run.go(plan)
            let done = state.withLock { state in
                state.done += 1
                if result.finding != nil { state.found.append(result) }
                return state.done
            }
            progress(done)
        }
        return state.withLock { $0.found }.sorted { ($0.plan.crashAt ?? 0) < ($1.plan.crashAt ?? 0) }
    }
}
