import Composition
import Hosting
import Values
import Web

extension Run {
    /// Turns until nothing moves, or for long: events first, so that jobs, which look whenever something is committed,
    /// need not look after each of them.
    func rest() throws {
        for _ in 0..<2000 {
            for _ in 0..<2000 {
                if try !turns(\.carries) { break }
            }
            if try !turns() { return }
        }
    }

    /// Faults off: within a bounded number of turns nothing is left to do, and everything holds.
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
        for round in 0..<400 {
            while world.bank.settle(&dice) != nil {}
            try rest()
            var busy = try desk.insist(exchange)
            if let intent = desk.confirm() {
                try desk.send(intent, exchange)
                busy = true
            }
            if try tryParked(exchange) { busy = true }
            // What waits behind another's key is due by itself.
            if try auditor.isAnythingParkedDue() { busy = true }
            if try letOut(exchange) { busy = true }
            if try auditor.isAnythingSent() { busy = true }
            let isQuiet = try exchange.hosts.allSatisfy { try $0.figures().isQuiet }
            // Leases of processes that are gone run out first.
            if !busy, isQuiet, nodes.count == 1 || round > 3, try !turns() {
                try auditor.checkAtRest(exchange, everImported: desk.everImported)
                return try rebuild(exchange)
            }
            // On to the next thing that is due; some pauses are in the program's memory, and nobody knows of them.
            let pause = 1000 * Int64(1 + round * round)
            let due = try auditor.nextDue().map { $0.milliseconds - world.time.milliseconds } ?? 0
            world.advance(milliseconds: max(pause, due))
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
