import ArgumentParser
import Composition
import Foundation

/// `popug-dev simulate`: the whole exchange under every fault, one run for each seed.
package struct SimulateVerb: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Run the whole exchange under crashes, lost answers, outages and hostile clocks, and check every cent.",
        discussion: """
            Each run is decided by its seed alone: the same seed is the same run, statement by statement. Runs go on \
            until stopped, or for as many as --seeds, --days or --minutes say. What is found is made small and printed \
            with the command that shows it again. Exit code 1 on any finding.
            """)

    @Option(name: .long, help: "The first seed; one run alone where neither --seeds, --days nor --minutes is given.")
    var seed: UInt64?
    @Option(name: .long, help: "How many seeds.")
    var seeds: Int?
    @Option(name: .long, help: "Until so many simulated days are over.")
    var days: Double?
    @Option(name: .long, help: "For so many minutes.")
    var minutes: Double?
    @Option(name: .long, help: "At most so many steps a run.")
    var steps: Int?
    @Option(name: .long, help: "Hours from one step to the next, on average.")
    var hours: Int?
    @Option(name: .long, help: "How many processes share the work; drawn from the seed where it is not given.")
    var processes: Int?
    @Option(name: .long, help: "How many employees the company begins with; drawn from the seed where it is not given.")
    var employees: Int?
    @Option(name: .customLong("crash-at"), help: "Die at the so-manieth of the places at which the program may.")
    var crashAt: Int?
    @Flag(
        name: .long,
        help: "Run each seed again and again without other faults, each time with a crash one place later.")
    var sweep = false
    @Option(
        name: .customLong("each-kind"),
        help: "With --sweep: at most so many places of one kind, the same statement of the same work; all by default.")
    var eachKind: Int?
    @Flag(
        name: .customLong("and-sweep"),
        help: "Beside the runs, sweep a short one now and then: a crash at every place of it.")
    var sweepsToo = false
    @Option(name: .customLong("without-faults"), help: "Faults that never strike, separated by commas.")
    var withoutFaults: String?
    @Option(name: .customLong("without-actions"), help: "Things that nobody does, separated by commas.")
    var withoutActions: String?
    @Option(name: .long, help: "How many runs at once; as many as there are cores by default.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    @Flag(name: .long, help: "Print each run's digest: a hash of every statement, call and answer.")
    var digest = false
    @Option(name: .long, help: "Write every statement, call and answer of the run to this file.")
    var trace: String?
    @Option(
        name: .long,
        help: "Add what is found, made smaller, to this file: one line of options, which the tests run ever after.")
    var keep: String?
    @Flag(name: .customLong("as-it-is"), help: "Don't make what is found smaller.")
    var asItIs = false
    @Flag(name: .customLong("go-on"), help: "Don't stop at what is found; implies --as-it-is.")
    var goesOn = false
    @Flag(name: .long, help: "Fail where the runs together did not reach every fault and every rare branch.")
    var marks = false

    package init() {}

    package func run() async throws {
        let began = ContinuousClock.now
        var campaign = Campaign()
        var shown = began
        var found = 0
        // New seeds each time, if none is given.
        var next = seed ?? UInt64(Date().timeIntervalSince1970)
        if sweep { return try sweep((0..<(seeds ?? 1)).map { try plan(next &+ UInt64($0)) }) }
        let isOne = seed != nil && seeds == nil && days == nil && minutes == nil
        while !isOver(campaign, since: began, isOne: isOne) {
            let left = seeds.map { max(1, $0 - campaign.runs) } ?? .max
            let count = isOne || trace != nil ? 1 : min(left, jobs * 4)
            for result in Campaign.go(try (0..<count).map { try plan(next &+ UInt64($0)) }, jobs: jobs) {
                campaign.add(result)
                if digest { Terminal.say("seed \(result.plan.seed): \(String(result.digest, radix: 16))") }
                if let finding = result.finding {
                    found += 1
                    try tell(finding, result)
                }
            }
            if shown.duration(to: .now) > .seconds(5) {
                shown = .now
                Terminal.complain("seed \(next): " + summary(campaign, since: began))
            }
            if sweepsToo { try sweep([shortPlan(next)]) }
            next &+= UInt64(count)
        }
        Terminal.say(summary(campaign, since: began))
        if found > 0 {
            Terminal.say("\(found) of them found something")
            throw ExitCode(1)
        }
        if isOne || marks {
            for (mark, count) in campaign.marks.counts.sorted(by: { $0.key < $1.key }) {
                Terminal.say("  \(mark): \(count)")
            }
        }
        if marks, !campaign.missing.isEmpty {
            Terminal.say("Never reached: \(campaign.missing.joined(separator: "; "))")
            throw ExitCode(1)
        }
    }

    /// Prints what was found, minimised; then ends, unless the command is to go on.
    private func tell(_ finding: String, _ result: RunResult) throws {
        Terminal.say("FOUND with seed \(result.plan.seed): \(finding)")
        if goesOn { return }
        guard !asItIs else { throw ExitCode(1) }
        Terminal.say("       making it smaller …")
        let small = Campaign.minimized(result)
        Terminal.say("       \(small.plan.command)")
        Terminal.say("       \(small.finding ?? "")")
        if let keep {
            try KnownSeeds.add(small, to: keep)
            Terminal.say("       added to \(keep)")
        }
        throw ExitCode(1)
    }

    /// A small company for two days: few enough places to crash at each of them.
    private func shortPlan(_ seed: UInt64) -> RunPlan {
        var plan = RunPlan(seed: seed)
        (plan.steps, plan.hours, plan.employees, plan.processes) = (16, 3, 1, 1)
        return plan
    }

    private func sweep(_ plans: [RunPlan]) throws {
        let began = ContinuousClock.now
        let sweep = CrashSweep(plans, each: eachKind)
        let progress = ProgressBar("Crashes")
        let findings = sweep.go { progress.show(Int64($0), of: Int64(sweep.points)) }
        progress.end()
        if let keep { for result in findings { try KnownSeeds.add(result, to: keep) } }
        for result in findings { Terminal.say("FOUND: \(result.plan.command)\n       \(result.finding ?? "")") }
        Terminal.say(
            "\(sweep.points) crashes at \(sweep.places) places of \(sweep.kinds) kinds in \(began.duration(to: .now).components.seconds) s; "
                + "\(findings.count) of them found something")
        if !findings.isEmpty { throw ExitCode(1) }
    }

    private func isOver(_ campaign: Campaign, since began: ContinuousClock.Instant, isOne: Bool) -> Bool {
        if isOne { return campaign.runs == 1 }
        if let seeds, campaign.runs >= seeds { return true }
        if let days, campaign.days >= days { return true }
        if let minutes, began.duration(to: .now) >= .seconds(minutes * 60) { return true }
        return false
    }

    func plan(_ seed: UInt64) throws -> RunPlan {
        guard jobs > 0 else { throw ValidationError("--jobs must be at least 1") }
        guard processes ?? 1 > 0 else { throw ValidationError("--processes must be at least 1") }
        guard employees ?? 0 >= 0 else { throw ValidationError("--employees must be at least 0") }
        var plan = RunPlan(seed: seed)
        plan.steps = steps
        plan.hours = hours
        plan.crashAt = crashAt
        plan.processes = processes
        plan.employees = employees
        plan.digests = digest
        plan.trace = trace
        for word in (withoutFaults ?? "").split(separator: ",") {
            guard let fault = Fault.allCases.first(where: { $0.name == word }) else {
                throw ValidationError(
                    "there is no fault \(word); there are \(Fault.allCases.map(\.name).joined(separator: ", "))")
            }
            plan.withoutFaults.insert(fault)
        }
        for word in (withoutActions ?? "").split(separator: ",") {
            guard let action = Action(rawValue: String(word)) else {
                throw ValidationError(
                    "there is no action \(word); there are \(Action.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            plan.withoutActions.insert(action)
        }
        return plan
    }

    private func summary(_ campaign: Campaign, since began: ContinuousClock.Instant) -> String {
        let seconds = max(
            0.001,
            Double(began.duration(to: .now).components.seconds)
                + Double(began.duration(to: .now).components.attoseconds) * 1e-18)
        func rate(_ count: Double) -> String { String(format: "%.1f", count / seconds) }
        return
            "\(campaign.runs) runs (\(rate(Double(campaign.runs))) a second on \(jobs) cores), \(Int(campaign.days)) simulated days "
            + "(\(rate(campaign.days)) a second, \(campaign.requests / max(1, Int(campaign.days))) requests each), "
            + "\(campaign.faults) faults injected, "
            + "\(Campaign.required.count - campaign.missing.count) of \(Campaign.required.count) marks reached"
    }
}
