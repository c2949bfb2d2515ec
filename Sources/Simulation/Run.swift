import Composition
import Foundation
import Hosting
import Messaging
import Payouts
import SQLiteDriver
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
    /// How many places there were at which the program might have died.
    package let points: Int
}

/// One run: steps in which something happens, then quiet, in which everything must come to rest and hold.
package final class Run {
    let world: World
    let auditor: Auditor
    let desk: Desk
    private var exchange: Exchange? {
        didSet { parts = exchange?.hosts.map { ($0.service.name, $0.parts) } ?? [] }
    }
    private var parts: [(service: String, parts: [ServiceHost.Part])] = []
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
                plan: plan, finding: "the run could not begin: \(error)", steps: 0, days: 0, marks: Marks(), digest: 0,
                points: 0)
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
        let days = 1 + dice.below(3)
        pace = plan.hours.map { $0 * 3_600_000 } ?? days * 86_400_000 / drawn
        requests = [0.2, 0.35, 0.35, 0.6][dice.below(4)]
    }

    private func go() -> RunResult {
        var finding: String?
        do {
            try begin()
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
        exchange?.close()
        world.flushRecord()
        return RunResult(
            plan: world.plan, finding: finding, steps: world.step,
            days: Double(world.time.milliseconds - began.milliseconds) / 86_400_000, marks: world.marks,
            digest: world.digest, points: world.points)
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
        let employees = 4 + dice.below(5)
        var crew = Dice(seed: world.plan.seed, stream: 7)
        // A company that has nobody yet to deal a task to.
        let staff = crew.chance(0.04) ? [] : [["accountant"]] + Array(repeating: ["employee"], count: employees)
        for roles in [["manager"]] + staff {
            try desk.send(desk.register(by: admin, roles: roles), exchange)
        }
        try turns()
    }

    /// One turn of each part, each followed by the auditor.
    @discardableResult
    private func turns() throws -> Bool {
        var moved = false
        for (service, parts) in parts {
            for part in parts where try turn(service, part) { moved = true }
        }
        return moved
    }

    /// Turns until nothing moves, or for long.
    private func rest() throws {
        for _ in 0..<2000 {
            if try !turns() { return }
        }
    }

    // MARK: Steps

    private func step() throws {
        world.advance(milliseconds: Int64(dice.below(2 * pace)))
        try disturb()
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
            var place = dice.below(parts.reduce(0) { $0 + $1.parts.count })
            for (service, parts) in parts {
                if place < parts.count {
                    try turn(service, parts[place])
                    break
                }
                place -= parts.count
            }
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
    private func turn(_ service: String, _ part: ServiceHost.Part) throws -> Bool {
        let struck = world.struck
        var moved = false
        world.note("turn: \(service) \(part.name)")
        do {
            moved = try part.turn()
        } catch {
            if !world.life.isOver, struck == world.struck { throw Finding("\(service), \(part.name): \(error)") }
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
    private func disturb() throws {
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
        if world.strikes(.bankAway) { world.bankAwayUntil = world.step + 1 + dice.below(40) }
        if world.strikes(.mailAway) {
            world.mailAwayUntil = world.time.adding(seconds: Int64(1 + dice.below(144)) * 3600)
        }
        if world.strikes(.restoreOne), let copy { try restoreOne(copy.disks) }
        if dice.chance(0.1) { try hear() }
    }

    /// The bank tells of a payment that was under way.
    private func hear() throws {
        guard let exchange, !world.life.isOver, let body = world.bank.settle(&dice) else { return }
        var times = world.strikes(.lostCallback) ? 0 : 1
        if world.strikes(.callbackTwice) { times += 1 }
        for _ in 0..<times {
            var request = WebRequest("POST", HTTPProvider.callbackPath, body: body, id: "callback")
            request.headers.contentType = "application/json"
            let struck = world.struck
            let answer = exchange.respond(to: request)
            world.note("callback \(answer.status)", [.blob(body)])
            try auditor.follow()
            // It may not be known any more, where everything was put back.
            if [204, 404].contains(answer.status) || world.life.isOver || struck != world.struck { continue }
            throw Finding("a callback was answered with \(answer.status): \(answer.text.prefix(200))")
        }
    }

    /// One service alone is put back. Who publishes nothing catches up; who has published since must not start.
    private func restoreOne(_ copy: World.Copy) throws {
        guard let name = dice.pick(Exchange.names), let old = copy.disks[name] else { return }
        let wasArmed = world.isArmed
        _ = world.crash()
        exchange = nil
        world.isArmed = false
        defer { world.isArmed = wasArmed }
        if ["analytics", "mailer"].contains(name) {
            try world.restore(name, old)
            try world.hold([name])
            world.marks.reach("branch: a service that publishes nothing was put back alone")
            return
        }
        guard try world.isBehind(name, old) else { return }
        let newer = try world.disk(name).inlineCopy()
        try world.restore(name, old)
        do {
            try world.start().close()
        } catch is NumbersBehindTopic {
            world.marks.reach("branch: a service with old numbers refused to start")
            _ = world.crash()
            try world.restore(name, newer)
            auditor.lookAgain()
            return
        }
        throw Finding("\(name) was put back alone to before what it has published, and starts")
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
            while world.bank.settle(&dice) != nil {}
            try rest()
            var busy = try desk.insist(exchange)
            if let intent = desk.confirm() {
                try desk.send(intent, exchange)
                busy = true
            }
            if try tryParked(exchange) { busy = true }
            if try letOut(exchange) { busy = true }
            if try auditor.isAnythingSent() { busy = true }
            let isQuiet = try exchange.hosts.allSatisfy { try $0.figures().isQuiet }
            if !busy, isQuiet, try !turns() {
                try auditor.checkAtRest(exchange, everImported: desk.everImported)
                return try rebuild(exchange)
            }
            // Pauses between tries grow up to some hours.
            world.advance(milliseconds: 1000 * Int64(1 + round * round))
        }
        throw Finding("it does not come to rest: \(try exchange.hosts.map { try $0.figures() })")
    }

    /// What was held since everything was put back is released; whether anything was.
    private func letOut(_ exchange: Exchange) throws -> Bool {
        guard let admin = auditor.admin() else { return false }
        let (payouts, letters) = try auditor.held()
        if payouts { try desk.send(desk.releasePayouts(by: admin), exchange) }
        if letters { try desk.send(desk.releaseMail(by: admin), exchange) }
        return payouts || letters
    }

    /// In some runs the figures are built anew, and must come out as they were.
    private func rebuild(_ exchange: Exchange) throws {
        guard dice.chance(0.3), let admin = auditor.admin() else { return }
        try desk.send(desk.rebuild(by: admin), exchange)
        try rest()
        try auditor.checkRebuild()
        try auditor.checkFigures("after a rebuild")
    }

    /// Somebody must be there who can be dealt what waits in an imported file, and one who looks after parked events.
    private func letWork(_ exchange: Exchange) throws {
        try rest()
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
