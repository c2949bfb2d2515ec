import Composition
import Foundation
import Storage
import Values
import Web

extension Workload {
    private static let pages = [
        "/", "/tasks", "/account", "/money", "/accounts", "/people", "/operations", "/operations/parked", "/close",
        "/reassign", "/import", "/api/services", "/nowhere",
    ]

    /// Pages of all kinds. The only check is that they come.
    func look() -> Intent? {
        guard let person = somebody(), let page = dice.pick(Workload.pages) else { return nil }
        return json(.anything, "GET", page, by: person, page == "/tasks" ? "tracker" : "identity")
    }

    /// Look-ups whose answers the auditor knows.
    func read() -> Intent? {
        guard let person = somebody() else { return nil }
        switch dice.below(5) {
        case 0: return json(.anything, "GET", "/api/accounts/me", by: person, "accounting")
        case 1:
            guard let keeper = somebody(holding: ["accountant", "admin"]) else { return nil }
            return json(.anything, "GET", "/api/accounts/\(person)", by: keeper, "accounting")
        case 2:
            guard let keeper = somebody(holding: ["accountant", "admin"]) else { return nil }
            return json(
                .anything, "GET", "/api/company-money", by: keeper, "accounting", roles: ["accountant", "admin"])
        case 3:
            guard let task = dice.pick(Array(auditor.model.order.suffix(60))) else { return nil }
            return json(.anything, "GET", "/api/tasks/\(task)", by: person, "tracker")
        default: return json(.anything, "GET", "/api/tasks?status=open&limit=200", by: person, "tracker")
        }
    }

    struct ParkedList: Decodable {
        struct Item: Decodable {
            let service: String
            let event: ID
            let error: String
            let discarded_reason: String?
        }
        let items: [Item]
    }

    /// What an admin sees of parked events.
    func parked(_ exchange: Exchange, by admin: ID) throws -> [ParkedList.Item] {
        let answer = exchange.respond(
            to: WebRequest("GET", "/api/parked?limit=200", id: key("look"), credential: .local(admin)))
        world.note("answer \(answer.status)", [.blob(answer.body)])
        guard answer.status == 200 else { return [] }
        return try JSONDecoder().decode(ParkedList.self, from: Data(answer.body)).items.filter {
            $0.discarded_reason == nil && !$0.error.isEmpty
        }
    }

    /// An admin looks at parked events, and has one tried again or gives it up.
    func park(_ exchange: Exchange) throws -> Intent? {
        guard let admin = somebody(holding: ["admin"]), let item = dice.pick(try parked(exchange, by: admin)) else {
            return nil
        }
        let path = "/api/parked/\(item.service)/\(item.event)"
        if dice.chance(0.6) {
            world.marks.reach("branch: a parked event was tried again on request")
            return json(.anything, "POST", path + "/replay-requests", by: admin, "identity", roles: ["admin"])
        }
        auditor.model.discarded.insert(item.event)
        world.marks.reach("branch: a parked event was given up")
        return json(
            .anything, "PUT", path + "/discard", "{\"reason\":\"cannot be applied\"}", by: admin, "identity",
            roles: ["admin"])
    }
}
