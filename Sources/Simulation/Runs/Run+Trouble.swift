import Composition
import Messaging
import Payouts
import SQLiteDriver
import Storage
import Values
import Web

extension Run {
    /// What goes wrong between steps.
    func disturb() throws {
        if world.strikes(.clockForward) {
            // Mostly hours; sometimes weeks, which a person must confirm.
            let hours = dice.chance(0.3) ? 24 * (8 + dice.below(20)) : 1 + dice.below(48)
            world.advance(milliseconds: Int64(hours) * 3_600_000)
        }
        if world.strikes(.clockBackward) { world.advance(milliseconds: -Int64(dice.below(36 * 3600)) * 1000) }
        if world.strikes(.diskFull), let name = dice.pick(Services.names) {
            world.fullUntil[name] = world.step + 1 + dice.below(15)
        }
        if world.strikes(.logAway) { world.logAwayUntil = world.step + 1 + dice.below(25) }
        if world.strikes(.restart) { dice.pick(nodes.filter(\.isUp))?.life.isOver = true }
        if dice.chance(0.02) { oldLog = world.log.contents }
        if world.strikes(.logOlder), let oldLog {
            // To put an older log back, the program must be stopped.
            end()
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
        if world.bank.isWorking, dice.chance(0.5) { try hear() }
        if world.strikes(.logForgets) { world.log.forget(&dice) }
        if nodes.count > 1, world.strikes(.pause), let node = dice.pick(nodes.filter(\.isUp)) {
            node.pausedUntil = world.step + 1 + dice.below(15)
        }
    }

    /// While a process stands still at a call, for minutes, the others take over its work.
    func goOnWithout(_ late: Node) {
        let others = working.filter { $0 !== late }
        guard !others.isEmpty else { return }
        do {
            for _ in 0..<3 {
                world.advance(milliseconds: 1500 + Int64(dice.below(150_000)))
                try beat(others)
                for node in others {
                    for index in node.parts.indices { try turn(node, index) }
                }
            }
        } catch {
            // Nothing may be thrown through the process that stands still: it would treat it as a failure of its own.
            auditor.complain("\(error)")
        }
        world.isLate = true
        world.marks.reach("branch: others went on while a process stood still")
    }

    /// The bank reports on a payment that was under way.
    private func hear() throws {
        guard let node = dice.pick(working), let exchange = node.exchange, let body = world.bank.settle(&dice) else {
            return
        }
        var times = world.strikes(.lostCallback) ? 0 : 1
        if world.strikes(.callbackTwice) { times += 1 }
        for _ in 0..<times {
            var request = WebRequest("POST", HTTPProvider.callbackPath, body: body, id: "callback")
            request.headers.contentType = "application/json"
            let struck = world.struck
            let answer = at(node) { exchange.respond(to: request) }
            world.note("callback \(answer.status)", [.blob(body)])
            try auditor.follow()
            // The payment may no longer be known, if everything was restored.
            if [204, 404].contains(answer.status) || !node.isUp || struck != world.struck { continue }
            throw Finding("a callback was answered with \(answer.status): \(answer.text.prefix(200))")
        }
    }

    /// One service alone is restored. If it publishes only the kit's events, and none since, it catches up; if it has
    /// published since, it must not start.
    private func restoreOne(_ copy: World.Copy) throws {
        guard let name = dice.pick(Services.names), let old = copy.disks[name] else { return }
        let wasArmed = world.isArmed
        end()
        world.isArmed = false
        defer { world.isArmed = wasArmed }
        let isBehind = try world.isBehind(name, old)
        if !isBehind, !Services.publishers.contains(name) {
            try world.restore(name, old)
            try world.hold([name])
            world.marks.reach("branch: a service that publishes nothing was put back alone")
            return
        }
        guard isBehind else { return }
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

    private func restore(_ disks: World.Copy, _ model: AuditModel) {
        end()
        let wasArmed = world.isArmed
        world.isArmed = false
        defer { world.isArmed = wasArmed }
        guard (try? world.restore(disks)) != nil else { return }
        auditor.restore(model)
        desk.forget()
        oldLog = nil
        world.marks.reach("branch: everything was put back")
    }
}
