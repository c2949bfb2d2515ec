import Composition
import Hosting
import Messaging
import ServiceKit

/// One run: steps in which something happens, then quiet, in which everything must come to rest and all checks must
/// hold.
package final class Run {
    let world: World
    let auditor: Auditor
    let desk: Workload
    let nodes: [Node]
    var dice: Dice
    var copy: (disks: World.Copy, model: AuditModel)?
    var oldLog: [Topic: [[Envelope]]]?
    private let steps: Int
    /// Milliseconds that have passed between steps.
    private var worked: Int64 = 0
    /// Milliseconds between two steps, on average.
    private let pace: Int
    private let requests: Double

    package static func go(_ plan: RunPlan) -> RunResult {
        do {
            let run = try Run(plan)
            return run.go()
        } catch {
            return RunResult(
                plan: plan, finding: "the run could not begin: \(error)", steps: 0, days: 0, requests: 0,
                marks: Marks(), digest: 0, points: 0)
        }
    }

    private init(_ plan: RunPlan) throws {
        world = try World(plan)
        auditor = Auditor(world)
        desk = Workload(world, auditor)
        nodes = (0..<world.processes).map { _ in Node() }
        dice = Dice(seed: plan.seed, stream: 5)
        let drawn = 120 + dice.below(240)
        steps = plan.steps ?? drawn
        requests = [0.2, 0.35, 0.35, 0.6][dice.below(4)]
        // A company of ten sends some requests a day, for weeks; in some runs a hundred, for a day or two.
        let aDay = [5, 7, 9, 30, 100][dice.below(5)]
        pace = plan.hours.map { $0 * 3_600_000 } ?? Int(86_400_000 * requests) / aDay
    }

    private func go() -> RunResult {
        var finding: String?
        do {
            try begin()
            for node in nodes { try node.start(world) }
            try auditor.follow()
            world.isArmed = true
            while world.step < steps {
                world.step += 1
                world.note("step \(world.step)")
                try step()
            }
            try comeToRest()
        } catch {
            finding = "step \(world.step): \(error)"
        }
        end()
        world.giveBack()
        world.flushRecord()
        return RunResult(
            plan: world.plan, finding: finding, steps: world.step,
            days: Double(worked) / 86_400_000, requests: desk.sent, marks: world.marks, digest: world.digest,
            points: world.points, places: world.places)
    }

    /// The state of the run when its company exists.
    static func beginning(_ plan: RunPlan) throws -> Beginning {
        let run = try Run(plan)
        defer { run.world.giveBack() }
        try run.begin()
        return Beginning(
            world: try run.world.kept(), model: run.auditor.model, desk: run.desk.kept, dice: run.dice)
    }

    /// A company, and nothing that runs.
    private func begin() throws {
        if let beginning = world.plan.beginning {
            world.take(beginning.world)
            auditor.restore(beginning.model)
            desk.take(beginning.desk)
            dice = beginning.dice
        } else {
            try found()
        }
    }

    /// Makes an admin, and a company of about ten.
    private func found() throws {
        try nodes[0].start(world)
        guard let exchange = nodes[0].exchange else { throw Finding("it does not start") }
        try exchange.createFirstAdmin(
            name: World.admin.name, email: World.admin.email, password: World.admin.password)
        try rest()
        guard let admin = auditor.model.people.keys.first else { throw Finding("there is no first admin") }
        auditor.model.passwords[admin] = World.admin.password
        let drawn = 4 + dice.below(5)
        let employees = world.plan.employees ?? drawn
        var crew = Dice(seed: world.plan.seed, stream: 7)
        // A company that has nobody yet to assign a task to.
        let staff = crew.chance(0.04) ? [] : [["accountant"]] + Array(repeating: ["employee"], count: employees)
        try at(nodes[0]) {
            for roles in [["manager"]] + staff { try desk.send(desk.register(by: admin, roles: roles), exchange) }
        }
        try turns()
        // Most set their payout destination at once; the others do so later, or never.
        for person in auditor.model.people.keys.sorted() where crew.chance(0.7) {
            try at(nodes[0]) { try desk.send(desk.payee(new: person), exchange) }
        }
        end()
    }

    /// Every process ends where it is.
    func end() {
        for node in nodes { node.end() }
    }

    // MARK: Turns

    /// The processes that run and do not stand still.
    var working: [Node] { nodes.filter { $0.isUp && $0.pausedUntil <= world.step } }

    /// Does something as one of the processes.
    func at<T>(_ node: Node, _ body: () throws -> T) rethrows -> T {
        let before = world.life
        world.life = node.life
        defer { world.life = before }
        return try body()
    }

    /// Gives one turn to each part; the auditor looks after each.
    @discardableResult
    func turns() throws -> Bool {
        try beat(working)
        return try turns { _ in true }
    }

    /// Gives one turn to each part for which `meant` is true.
    func turns(_ meant: (Node.Part) -> Bool) throws -> Bool {
        var moved = false
        for node in working {
            for index in node.parts.indices where node.isUp && meant(node.parts[index]) {
                if try turn(node, index) { moved = true }
            }
        }
        return moved
    }

    /// If there are several processes, each renews its sign of life, and learns about the others.
    func beat(_ nodes: [Node]) throws {
        guard self.nodes.count > 1 else { return }
        for node in nodes {
            for host in node.exchange?.hosts ?? [] where node.isUp {
                try turn(node, host.service.name, "heart") {
                    try host.beat()
                    return false
                }
            }
        }
    }

    /// Gives a part a turn, unless nothing has changed since it found nothing to do. If it throws because of a fault,
    /// that counts as if it had not had a turn.
    @discardableResult
    func turn(_ node: Node, _ index: Int) throws -> Bool {
        guard node.isUp else { return false }
        let part = node.parts[index]
        let stamp = world.stamp(part.commits)
        guard part.idle != stamp else { return false }
        var isIdle = false
        let moved = try turn(node, part.service, part.part.name) {
            let moved = try part.part.turn()
            isIdle = !moved
            return moved
        }
        // Its own commits (the renewal of a lease) make no work either; but it looks once more then.
        if isIdle, node.isUp { node.parts[index].idle = stamp }
        return moved
    }

    @discardableResult
    private func turn(_ node: Node, _ service: String, _ name: String, _ body: () throws -> Bool) throws -> Bool {
        guard node.isUp else { return false }
        let struck = world.struck
        var moved = false
        world.note("turn: \(service) \(name)")
        world.doing = "\(service) \(name)"
        defer { world.doing = World.starting }
        if nodes.count > 1 { world.meanwhile = { [unowned self] in goOnWithout(node) } }
        try at(node) {
            do {
                moved = try body()
            } catch let error as LeaseLost where nodes.count > 1 {
                world.note("\(error)")
                world.marks.reach("branch: a write under a lost lease was refused")
                if world.isLate { world.marks.reach("branch: a process that had stood still could write nothing") }
            } catch {
                if !world.life.isOver, struck == world.struck { throw Finding("\(service), \(name): \(error)") }
                world.marks.reach("branch: a part was interrupted")
            }
        }
        world.meanwhile = nil
        world.isLate = false
        try auditor.follow()
        return moved
    }

    // MARK: Steps

    private func step() throws {
        let pause = Int64(dice.below(2 * pace))
        worked += pause
        world.advance(milliseconds: pause)
        world.life = (nodes.first(where: \.isUp) ?? nodes[0]).life
        try disturb()
        for node in nodes where !node.isUp && world.step >= node.downUntil { try restart(node) }
        let working = working
        guard let host = dice.pick(working), let exchange = host.exchange else { return }
        try beat(working)
        if dice.chance(requests), host.isUp {
            try at(host) {
                if dice.chance(0.2), try desk.insist(exchange) {} else { try desk.act(exchange) }
            }
        }
        // Several turns between two requests: parts run at the same time as people work.
        for _ in 0..<(1 + dice.below(8)) * (nodes.count > 1 ? 3 : 1) {
            guard let node = dice.pick(working.filter(\.isUp)) else { break }
            try turn(node, next(node))
        }
        try readMail()
        for node in nodes where node.exchange != nil && node.life.isOver { die(node) }
    }

    /// The part whose turn it is: mostly one for which something has happened since it last found nothing to do, as
    /// threads are woken; sometimes any part.
    private func next(_ node: Node) -> Int {
        let anybody = dice.below(node.parts.count)
        guard dice.chance(0.8) else { return anybody }
        return dice.pick(node.parts.indices.filter { world.wakes(node.parts[$0]) }) ?? anybody
    }

    func die(_ node: Node) {
        world.marks.reach("branch: the program died")
        if nodes.contains(where: \.isUp) { world.marks.reach("branch: one of several processes died") }
        node.end()
        node.downUntil = world.step + dice.below(8)
    }

    func restart(_ node: Node) throws {
        let struck = world.struck
        do {
            try node.start(world)
            world.marks.reach("branch: the program was started again")
        } catch {
            if !node.life.isOver, struck == world.struck { throw Finding("it does not start: \(error)") }
            node.end()
        }
        try auditor.follow()
    }
}
