/// The inputs of a run: everything that happens in it follows from them.
package struct RunPlan: Sendable {
    package var seed: UInt64
    /// How many steps at most; drawn from the seed if it is not given.
    package var steps: Int?
    package var withoutFaults: Set<Fault> = []
    package var withoutActions: Set<Action> = []
    /// The place at which the program dies: the index among all places at which it may.
    package var crashAt: Int?
    /// Hours from one step to the next, on average; drawn if it is not given.
    package var hours: Int?
    /// How many processes the program has; drawn if it is not given.
    package var processes: Int?
    /// How many employees the company begins with, besides an admin, a manager and an accountant; drawn if it is not
    /// given.
    package var employees: Int?
    /// Whether every statement, call and answer goes into the digest.
    package var digests = false
    /// Whether the result names each place at which the program may die.
    package var namesPlaces = false
    /// A file in which all of this is written down.
    package var trace: String?
    package var variant = Variant()
    /// The state from which the run starts; if it is not given, the run makes its own.
    var beginning: Beginning?

    package init(seed: UInt64) {
        self.seed = seed
    }

    /// The command that repeats this run.
    package var command: String { "popug-dev simulate \(options)" }

    /// The options with which the command repeats this run.
    package var options: String {
        var words = ["--seed \(seed)"]
        if let steps { words.append("--steps \(steps)") }
        if let hours { words.append("--hours \(hours)") }
        if let processes { words.append("--processes \(processes)") }
        if let employees { words.append("--employees \(employees)") }
        if let crashAt { words.append("--crash-at \(crashAt)") }
        if !withoutFaults.isEmpty {
            words.append("--without-faults " + withoutFaults.map(\.name).sorted().joined(separator: ","))
        }
        if !withoutActions.isEmpty {
            words.append("--without-actions " + withoutActions.map(\.rawValue).sorted().joined(separator: ","))
        }
        return words.joined(separator: " ")
    }
}
