import Composition
import Hosting
import Values
import Web

extension Run {
    /// Gives turns until nothing moves, or for a long time. Events come first, so that jobs, which look whenever
    /// something is committed, need not look after each of them.
    func rest() throws {
        for _ in 0..<2000 {
            for _ in 0..<2000 {
                if try !turns(\.carries) { break }
            }
            if try !turns() { return }
        }
    }

    /// Turns faults off. Within a bounded number of turns nothing must be left to do, and all checks must hold.
    func comeToRest() throws {
        world.isArmed = false
        for node in nodes {
            node.pausedUntil = 0
            if !node.isUp { try restart(node) }
            guard node.isUp else { throw Finding("it does not start again") }
        }
        guard let exchange = nodes[0].exchange else { return }
        try at(nodes[0]) { try comeToRest(exchange) }
    }

    private func comeToRest(_ exchange: Exchange) throws {
        try letWork(exchange)
        try desk.letEverybodyIn(exchange)
        for round in 0..<400 {
            while world.bank.settle(&dice) != nil {}
            try rest()
            try readMail()
            var busy = try desk.insist(exchange)
            if let intent = desk.confirm() {
                try desk.send(intent, exchange)
                busy = true
            }
            if try tryParked(exchange) { busy = true }
            // An event that waits behind another of its key becomes due by itself.
            if try auditor.isAnythingParkedDue() { busy = true }
            if try letOut(exchange) { busy = true }
            if try auditor.isAnythingSent() { busy = true }
            let isQuiet = try exchange.hosts.allSatisfy { try $0.figures().isQuiet }
            // Leases of processes that are gone must expire first.
            if !busy, isQuiet, nodes.count == 1 || round > 3, try !turns() {
                try auditor.checkAtRest(exchange, everImported: desk.everImported)
                try rebuild(exchange)
                return try letLapse()
            }
            // Go on to the next thing that is due. Some pauses are in the program's memory, where nobody can see them.
            let pause = 1000 * Int64(1 + round * round)
            let due = try auditor.nextDue().map { $0.milliseconds - world.time.milliseconds } ?? 0
            world.advance(milliseconds: max(pause, due))
        }
        throw Finding("it does not come to rest: \(try exchange.hosts.map { try $0.figures() })")
    }

    /// Releases what was held since a restore. Returns whether anything was.
    private func letOut(_ exchange: Exchange) throws -> Bool {
        guard let admin = auditor.admin() else { return false }
        let (payouts, letters) = try auditor.held()
        if payouts { try desk.send(desk.releasePayouts(by: admin), exchange) }
        if letters { try desk.send(desk.releaseMail(by: admin), exchange) }
        return payouts || letters
    }

    /// In some runs the figures are rebuilt, and must come out the same.
    private func rebuild(_ exchange: Exchange) throws {
        guard dice.chance(0.3), let admin = auditor.admin() else { return }
        try desk.send(desk.rebuild(by: admin), exchange)
        try rest()
        try auditor.checkRebuild()
        try auditor.checkFigures("after a rebuild")
    }

    /// Days later, nothing is left of what was used once.
    private func letLapse() throws {
        let job = nodes[0].parts.firstIndex { $0.service == "identity" && $0.part.name == "job forget" }
        // With several processes, somebody else may have the job.
        guard nodes.count == 1, let job, let last = try auditor.spentUntil() else { return }
        // What may lapse is asked twice: the clock must have been steady in between.
        while try turn(nodes[0], job) {}
        world.advance(milliseconds: max(7_200_000, last.milliseconds - world.time.milliseconds + 1000))
        while try turn(nodes[0], job) {}
        guard try auditor.spentUntil() == nil else { throw Finding("what was used once is kept for ever") }
        world.marks.reach("branch: what was used once was forgotten")
    }

    /// There must be a person to whom tasks of a waiting import can be assigned, and one who looks after parked events.
    private func letWork(_ exchange: Exchange) throws {
        try rest()
        guard let admin = auditor.admin() else { throw Finding("there is no active admin") }
        try desk.send(desk.register(by: admin, roles: ["employee"]), exchange)
    }

    /// Has everything parked tried again. Returns whether there was anything.
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
