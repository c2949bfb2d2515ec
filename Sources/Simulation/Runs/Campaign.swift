import Dispatch
import Synchronization

/// Many runs, one for each seed, and what they reached together.
package struct Campaign: Sendable {
    package private(set) var runs = 0
    package private(set) var days = 0.0
    package private(set) var steps = 0
    package private(set) var requests = 0
    package private(set) var marks = Marks()
    package private(set) var faults = 0

    package init() {}

    /// Runs plans, at most `jobs` at once; the results are in the order of the plans. Each run uses one thread, and
    /// runs know nothing about each other.
    package static func go(_ plans: [RunPlan], jobs: Int) -> [RunResult] {
        guard jobs > 1, plans.count > 1 else { return plans.map(Run.go) }
        let next = Mutex(0)
        let results = Mutex([RunResult?](repeating: nil, count: plans.count))
        DispatchQueue.concurrentPerform(iterations: min(jobs, plans.count)) { _ in
            while true {
                let index = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard index < plans.count else { return }
                let result = Run.go(plans[index])
                results.withLock { $0[index] = result }
            }
        }
        return results.withLock { $0.compactMap(\.self) }
    }

    package mutating func add(_ result: RunResult) {
        runs += 1
        days += result.days
        steps += result.steps
        requests += result.requests
        marks.add(result.marks)
        faults = Fault.allCases.reduce(0) { $0 + marks.count("fault: \($1.name)") }
    }

    /// What a few hundred runs must have reached; otherwise they prove nothing.
    package static let required: [String] =
        Fault.allCases.map { "fault: \($0.name)" } + Action.allCases.map { "action: \($0.rawValue)" } + [
            "branch: a task went to somebody else", "branch: somebody was paid", "branch: a debt was carried over",
            "branch: a day was sealed", "branch: a correction was booked", "branch: the program was started again",
            "branch: sent again until answered", "branch: an answer was given again", "branch: a reader went back",
            "branch: refused by the guard", "branch: nobody was eligible", "branch: a completion was refused",
            "branch: a key was used for something else", "branch: a parked event was given up",
            "branch: a parked event was tried again on request", "branch: everything was put back",
            "branch: an older log came back", "branch: missed days were closed after a confirmation",
            "branch: a payout was paid", "branch: a payout was refused", "branch: a payment was settled later",
            "branch: a payment from before everything was put back", "branch: figures were counted anew",
            "branch: a rebuild was equal to the live figures",
            "branch: a service that publishes nothing was put back alone",
            "branch: a service with old numbers refused to start", "branch: the log forgot everything",
            "branch: the log forgot its end", "branch: one of several processes died",
            "branch: others went on while a process stood still", "branch: a write under a lost lease was refused",
            "branch: a process that had stood still could write nothing", "branch: a link signed somebody in",
            "branch: a link was refused", "branch: a link was used again", "branch: a password signed somebody in",
            "branch: a wrong password was refused", "branch: a link set a password",
            "branch: a link for a password was used again", "branch: a passkey was made",
            "branch: a passkey signed somebody in", "branch: a passkey's answer was used again",
            "branch: a copied passkey was found out", "branch: a suspect passkey was refused",
            "branch: an unknown passkey was refused", "branch: a passkey was removed",
            "branch: the first passkey was made as the second step", "branch: a passkey was the second step",
            "branch: what was used once was forgotten",
        ]

    /// The required marks that were never reached.
    package var missing: [String] { Campaign.required.filter { marks.count($0) == 0 } }

    /// The same failure in fewer steps, with fewer kinds of faults and actions: each kind is left out in turn, and
    /// stays out if something is still found. Tries at most `tries` runs.
    package static func minimized(_ failed: RunResult, tries: Int = 200) -> RunResult {
        var best = failed
        var left = tries
        func attempt(_ change: (inout RunPlan) -> Void) -> Bool {
            guard left > 0 else { return false }
            left -= 1
            var plan = best.plan
            change(&plan)
            let result = Run.go(plan)
            guard result.finding != nil else { return false }
            best = result
            return true
        }
        _ = attempt { $0.steps = failed.steps }
        for fault in Fault.allCases { _ = attempt { $0.withoutFaults.insert(fault) } }
        for action in Action.allCases { _ = attempt { $0.withoutActions.insert(action) } }
        var cut = best.steps / 2
        while cut > 0 {
            let steps = best.steps
            if steps <= cut || !attempt({ $0.steps = steps - cut }) { cut /= 2 }
        }
        return best
    }
}
