import Composition
import Foundation
import Hosting
import Messaging
import Storage
import Values
import Web

/// What became of a run.
package struct RunResult: Sendable {
    package let plan: RunPlan
    /// What was found wrong, and at which step; `nil` where everything held.
    package let finding: String?
    package let steps: Int
    /// Simulated days.
    package let days: Double
    package let marks: Marks
    package let digest: UInt64
}

/// One run: steps in which something happens, then quiet, in which everything must come to rest and hold.
package final class Run {
    let world: World
    let auditor: Auditor
    let desk: Desk
    private var exchange: Exchange?
    private var dice: Dice
    private var downUntil = 0
    private var copy: (disks: World.Copy, model: Model)?
    private var oldLog: [Topic: [[Envelope]]]?
    private let began: Instant
    private let steps: Int
    /// Milliseconds between two steps, on average.
    private let pace: Int
    private let requests: Double

    package static func go(_ plan: RunPlan) -> RunResult {
        do {
            let run = try Run(plan)
            return run.go()
        } catch {
            return RunResult(
                plan: plan, finding: "the run could not begin: \(error)", steps: 0, days: 0, marks: Marks(), digest: 0)
        }
    }

    private init(_ plan: RunPlan) throws {
        world = try World(plan)
        auditor = Auditor(world)
        desk = Desk(world, auditor)
        dice = Dice(seed: plan.seed, stream: 5)
        began = world.time
        let drawn = 120 + dice.below(240)
        steps = plan.steps ?? drawn
        pace = (1 + dice.below(3)) * 86_400_000 / drawn
        requests = [0.2, 0.35, 0.35, 0.6][dice.below(4)]
    }

    private func go() -> RunResult {
        var finding: String?
        do {
            try begin()
            world.isArmed = true
            while world.step < steps {
                world.step += 1
                try step()
            }
            try comeToRest()
        } catch {
            finding = "step \(world.step): \(error)"
        }
        exchange?.close()
        return RunResult(
            plan: world.plan, finding: finding, steps: world.step,
            days: Double(world.time.milliseconds - began.milliseconds) / 86_400_000, marks: world.marks,
            digest: world.digest)
    }

    /// An admin, and a company of about ten.
    private func begin() throws {
        let exchange = try world.start()
        self.exchange = exchange
        try exchange.createFirstAdmin(
            name: World.admin.name, email: World.admin.email, password: World.admin.password)
        try exchange.settle()
        try auditor.follow()
        guard let admin = auditor.model.people.keys.first else { throw Finding("there is no first admin") }
        for roles in [["manager"], ["accountant"]] + Array(repeating: ["employee"], count: 4 + dice.below(5)) {
            try desk.send(desk.register(by: admin, roles: roles), exchange)
        }
        try turns(exchange)
    }

    /// One turn of each part, each followed by the auditor.
    @discardableResult
    private func turns(_ exchange: Exchange) throws -> Bool {
        var moved = false
        for host in exchange.hosts {
            for part in host.parts where try turn(part.name, part.turn) { moved = true }
        }
        return moved
    }

    /// Turns until nothing moves, or for long.
    private func rest(_ exchange: Exchange) throws {
        for _ in 0..<2000 {
            if try !turns(exchange) { return }
        }
    }

    // MARK: Steps

    private func step() throws {
        world.advance(milliseconds: Int64(dice.below(2 * pace)))
        disturb()
        if exchange == nil || world.life.isOver {
            exchange = nil
            if world.step >= downUntil { try restart() }
            return
        }
        guard let exchange else { return }
        if dice.chance(requests) {
            if dice.chance(0.2), try desk.insist(exchange) {} else { try desk.act(exchange) }
        }
        // Several turns between two requests: parts run at the same time as people work.
        for _ in 0..<1 + dice.below(8) where !world.life.isOver {
            let parts = exchange.hosts.flatMap(\.parts)
            let part = parts[dice.below(parts.count)]
            try turn(part.name, part.turn)
        }
        if world.life.isOver { die() }
    }

    private func die() {
        world.marks.reach("branch: the program died")
        exchange = nil
        downUntil = world.step + dice.below(8)
    }

    /// A turn of a part; what it throws because of a fault is as if it had not been its turn.
    @discardableResult
    private func turn(_ name: String, _ turn: () throws -> Bool) throws -> Bool {
        let struck = world.struck
        var moved = false
        do {
            moved = try turn()
        } catch {
            if !world.life.isOver, struck == world.struck { throw Finding("\(name): \(error)") }
            world.marks.reach("branch: a part was interrupted")
        }
        try auditor.follow()
        return moved
    }

    private func restart() throws {
        let struck = world.struck
        do {
            exchange = try world.start()
            world.marks.reach("branch: the program was started again")
        } catch {
            if !world.life.isOver, struck == world.struck { throw Finding("it does not start: \(error)") }
            _ = world.crash()
        }
        try auditor.follow()
    }

    /// What goes wrong between steps.
    private func disturb() {
        if world.strikes(.clockForward) {
            // Mostly hours; sometimes weeks, which a person has to confirm.
            let hours = dice.chance(0.3) ? 24 * (8 + dice.below(20)) : 1 + dice.below(48)
            world.advance(milliseconds: Int64(hours) * 3_600_000)
        }
        if world.strikes(.clockBackward) { world.advance(milliseconds: -Int64(dice.below(36 * 3600)) * 1000) }
        if world.strikes(.diskFull), let name = dice.pick(Exchange.names) {
            world.fullUntil[name] = world.step + 1 + dice.below(15)
        }
        if world.strikes(.logAway) { world.logAwayUntil = world.step + 1 + dice.below(25) }
        if world.strikes(.restart) { _ = world.crash() }
        if dice.chance(0.02) { oldLog = world.log.contents }
        if world.strikes(.logOlder), let oldLog {
            // Whoever puts an older log back has stopped the program.
            _ = world.crash()
            world.log.contents = oldLog
            world.marks.reach("branch: an older log came back")
        }
        if dice.chance(0.01), let disks = try? world.copy() { copy = (disks, auditor.model) }
        if world.strikes(.restore), let copy { restore(copy.disks, copy.model) }
    }

    private func restore(_ disks: World.Copy, _ model: Model) {
        _ = world.crash()
        exchange = nil
        let wasArmed = world.isArmed
        world.isArmed = false
        defer { world.isArmed = wasArmed }
        guard (try? world.restore(disks)) != nil else { return }
        auditor.restore(model)
        desk.forget()
        oldLog = nil
        world.marks.reach("branch: everything was put back")
    }

    // MARK: Rest

    /// Faults off: within a bounded number of turns nothing is left to do, and everything holds.
    private func comeToRest() throws {
        world.isArmed = false
        if world.life.isOver || exchange == nil { try restart() }
        guard let exchange, !world.life.isOver else { throw Finding("it does not start again") }
        try letWork(exchange)
        for round in 0..<400 {
            try rest(exchange)
            var busy = try desk.insist(exchange)
            if let intent = desk.confirm() {
                try desk.send(intent, exchange)
                busy = true
            }
            if try tryParked(exchange) { busy = true }
            let isQuiet = try exchange.hosts.allSatisfy { try $0.figures().isQuiet }
            if !busy, isQuiet, try !turns(exchange) {
                try auditor.checkAtRest(exchange, everImported: desk.everImported)
                return
            }
            world.advance(milliseconds: 1000 * Int64(1 + round))
        }
        throw Finding("it does not come to rest: \(try exchange.hosts.map { try $0.figures() })")
    }

    /// Somebody must be there who can be dealt what waits in an imported file, and one who looks after parked events.
    private func letWork(_ exchange: Exchange) throws {
        try rest(exchange)
        guard let admin = auditor.admin() else { throw Finding("there is no active admin") }
        try desk.send(desk.register(by: admin, roles: ["employee"]), exchange)
    }

    /// Has everything parked tried again; whether there was anything.
    private func tryParked(_ exchange: Exchange) throws -> Bool {
        guard let admin = auditor.admin() else { return false }
        let items = try desk.parked(exchange, by: admin)
        for item in items {
            _ = exchange.respond(
                to: WebRequest(
                    "POST", "/api/parked/\(item.service)/\(item.event)/replay-requests", id: desk.key("replay"),
                    credential: .local(admin)))
        }
        return !items.isEmpty
    }
}
