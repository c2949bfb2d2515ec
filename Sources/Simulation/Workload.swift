import Composition
import Foundation
import Storage
import Values
import Web

/// Draws what people do, sends it, and passes the answers to the auditor.
final class Workload {
    let world: World
    let auditor: Auditor
    var dice: Dice
    /// The requests without an answer so far.
    private(set) var pending: [Intent] = []
    /// The answered requests, with their answers.
    private var answered: [(intent: Intent, body: [UInt8])] = []
    /// The most times that each imported title occurred in one file, over all files ever sent.
    private(set) var everImported: [String: Int] = [:]
    private(set) var count = 0
    private(set) var sent = 0
    var ways = Ways()
    private let weights: [(Action, Double)]

    init(_ world: World, _ auditor: Auditor) {
        self.world = world
        self.auditor = auditor
        dice = Dice(seed: world.plan.seed, stream: 4)
        var weights: [(Action, Double)] = []
        for action in Action.allCases {
            // Most runs are realistic; in some, one action happens far more often than the others.
            let scale = [1, 1, 1, 0, 6][dice.below(5)]
            if !world.plan.withoutActions.contains(action) {
                weights.append((action, action.weight * Double(scale) + 0.05))
            }
        }
        self.weights = weights.isEmpty ? [(.read, 1)] : weights
    }

    /// The part of the desk's state to keep if everything was answered.
    struct Kept: Sendable {
        let dice: Dice
        let answered: [(intent: Intent, body: [UInt8])]
        let count: Int
        let sent: Int
        let ways: Ways
    }

    var kept: Kept { Kept(dice: dice, answered: answered, count: count, sent: sent, ways: ways) }

    func take(_ kept: Kept) {
        (dice, answered, count, sent) = (kept.dice, kept.answered, kept.count, kept.sent)
        ways = kept.ways
    }

    /// The installation was restored: requests sent since then are forgotten, as their callers were told.
    func forget() {
        pending = []
        answered = []
    }

    var model: AuditModel { auditor.model }

    func act(_ exchange: Exchange) throws {
        let action = dice.weighted(weights)
        if let intent = try intent(for: action, exchange) {
            world.marks.reach("action: \(action.rawValue)")
            try send(intent, exchange)
        }
    }

    /// Sends unanswered requests again. Returns whether there were any.
    @discardableResult
    func insist(_ exchange: Exchange) throws -> Bool {
        guard !pending.isEmpty else { return false }
        let intent = pending.removeFirst()
        // A key is kept for a week; a caller gives up earlier.
        guard world.time < intent.at.adding(seconds: 86_400), intent.at < world.time.adding(seconds: 86_400) else {
            return true
        }
        world.marks.reach("branch: sent again until answered")
        try send(intent, exchange)
        return true
    }

    // MARK: Drawing

    private func intent(for action: Action, _ exchange: Exchange) throws -> Intent? {
        switch action {
        case .create: somebody().map { create(title: "Task \(count)", valid: true, by: $0) }
        case .createWrongly:
            somebody().map { create(title: dice.pick(Workload.wrongTitles) ?? "", valid: false, by: $0) }
        case .complete: complete(own: true)
        case .completeWrongly: complete(own: false)
        case .reassign: somebody(holding: ["manager", "admin"]).map { reassign(by: $0) }
        case .importFile: somebody(holding: ["admin"]).map { file(by: $0) }
        case .register: somebody(holding: ["admin"]).map { register(by: $0, roles: roles()) }
        case .change: change()
        case .correct: correct()
        case .confirm: confirm()
        case .park: try park(exchange)
        case .read: read()
        case .look: look()
        case .sendAgain: dice.pick(recent)?.intent
        case .mixKeys: mixed()
        case .payee: payee()
        case .retry: retry()
        case .hold: hold()
        case .copy: try copy()
        case .rebuild: rebuild()
        case .signIn: try signIn(exchange)
        }
    }

    private static let wrongTitles = [
        "", "   ", "[half", "two ] one", "a\u{7}b", String(repeating: "x", count: 201), "POP-1 - [x]",
    ]

    /// Any person; if roles are given, mostly a person who holds one of them.
    func somebody(holding roles: Set<String> = []) -> ID? {
        let all = model.people.keys.sorted()
        guard !roles.isEmpty, !dice.chance(0.1) else { return dice.pick(all) }
        return dice.pick(
            all.filter { id in
                model.people[id].map { $0.active && !$0.roles.isDisjoint(with: roles) } ?? false
            })
    }

    func key(_ prefix: String = "one") -> String {
        count += 1
        return "\(prefix)-\(count)"
    }

    func json(
        _ aim: Intent.Aim, _ method: String, _ target: String, _ json: String = "", by: ID, _ service: String,
        roles: Set<String> = [], prefix: String = "one"
    ) -> Intent {
        Intent(
            aim: aim, method: method, target: target, body: Array(json.utf8),
            type: json.isEmpty ? nil : "application/json",
            by: by, key: key(prefix), service: service, roles: roles, at: world.time)
    }

    private func create(title: String, valid: Bool, by person: ID) -> Intent {
        json(
            .create(title: title, valid: valid), "POST", "/api/tasks", "{\"title\":\"\(Workload.escaped(title))\"}",
            by: person,
            "tracker")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\u{7}", with: "\\u0007")
    }

    private func complete(own: Bool) -> Intent? {
        // Mostly one of the latest: the others are done or long known.
        let recent = Array(model.order.suffix(60))
        let open = recent.filter { model.tasks[$0]?.completedBy == nil }
        guard let task = dice.pick(own ? open : recent), let assignee = model.tasks[task]?.assignee else { return nil }
        guard let person = own ? assignee : somebody() else { return nil }
        return json(.complete(task), "POST", "/api/tasks/\(task)/completion", by: person, "tracker")
    }

    private func reassign(by person: ID) -> Intent {
        json(
            .reassign, "POST", "/api/reassignments", by: person, "tracker", roles: ["manager", "admin"], prefix: "press"
        )
    }

    private func file(by person: ID) -> Intent {
        var text = "created_at,created_by,title\n"
        var titles: [String: Int] = [:]
        for _ in 0..<1 + dice.below(8) {
            let title = "Imported \(dice.below(30))"
            // A line is identified by its content, so one title always comes from one person.
            text += "2026-01-01T00:00:00Z,Importer \((Int(title.dropFirst(9)) ?? 0) % 5),\(title)\n"
            titles[title, default: 0] += 1
        }
        for (title, count) in titles { everImported[title] = max(everImported[title] ?? 0, count) }
        var intent = json(
            .importFile(titles), "POST", "/api/imports?name=file.csv", by: person, "tracker", roles: ["admin"],
            prefix: "file")
        intent.body = Array(text.utf8)
        intent.type = "text/csv"
        return intent
    }

    private func roles() -> [String] {
        let main = dice.weighted([
            (["employee"], 6), (["manager"], 1), (["accountant"], 1), (["admin"], 0.5), (["boss"], 0.5),
            (["employee", "accountant"], 0.5), (["employee", "manager"], 0.5), (["visitor"], 0.5),
        ])
        return main
    }

    func register(by person: ID, roles: [String]) -> Intent {
        let list = roles.map { "\"\($0)\"" }.joined(separator: ",")
        return json(
            .register(roles: roles), "POST", "/api/people",
            "{\"name\":\"Person \(count)\",\"email\":\"p\(count)@example.com\",\"roles\":[\(list)]}", by: person,
            "identity",
            roles: ["admin"])
    }

    private func change() -> Intent? {
        guard let admin = somebody(holding: ["admin"]), let person = somebody() else { return nil }
        let path = "/api/people/\(person)"
        if dice.chance(0.5) {
            let roles = roles()
            let list = roles.map { "\"\($0)\"" }.joined(separator: ",")
            return json(
                .change(person, roles: roles, active: nil), "PATCH", path, "{\"roles\":[\(list)]}", by: admin,
                "identity",
                roles: ["admin"])
        }
        // More people are reactivated than deactivated, or the company would soon be empty.
        let active = dice.chance(0.6)
        return json(
            .change(person, roles: nil, active: active), "PATCH", path, "{\"active\":\(active)}", by: admin, "identity",
            roles: ["admin"])
    }

    private func correct() -> Intent? {
        guard let person = somebody(holding: ["accountant", "admin"]),
            let entry = dice.pick(model.entries.keys.sorted().suffix(40)), let known = model.entries[entry]
        else { return nil }
        let sum = (dice.below(40) - 20) * 25
        return json(
            .correct, "POST", "/api/accounts/\(known.account)/corrections",
            "{\"entry\":\"\(entry)\",\"sum\":\(sum),\"reason\":\"counted wrongly\"}", by: person, "accounting",
            roles: ["accountant", "admin"])
    }

    /// Confirms that the clock is right.
    func confirm() -> Intent? {
        let today = auditor.day(of: world.time)
        guard today - model.openDay > 7, let person = somebody(holding: ["accountant", "admin"]) else { return nil }
        auditor.model.confirmed = max(model.confirmed ?? 0, today)
        return json(
            .confirm, "POST", "/api/day-closes/\(Day(number: today))/confirmation", by: person, "accounting",
            roles: ["accountant", "admin"])
    }

    /// Requests that were answered within a day: keys are kept for a week, and clocks jump.
    private var recent: [(intent: Intent, body: [UInt8])] {
        answered.filter { abs(world.time.seconds - $0.intent.at.seconds) < 86_400 }
    }

    private func mixed() -> Intent? {
        guard let other = dice.pick(recent)?.intent else {
            return nil
        }
        if case .importFile = other.aim { return nil }
        return Intent(
            aim: .mixed, method: "POST", target: "/api/tasks", body: Array("{\"title\":\"Another \(count)\"}".utf8),
            type: "application/json", by: other.by, key: other.key,
            service: other.service == "tracker" ? "tracker" : "-",
            at: other.at)
    }

    // MARK: Sending

    /// Sends a request and has the auditor check its answer.
    func send(_ intent: Intent, _ exchange: Exchange) throws {
        guard intent.service != "-" else { return }
        sent += 1
        let before = try auditor.standing(of: intent.by, in: intent.service)
        let struck = world.struck
        var request = WebRequest(
            intent.method, intent.target, body: intent.body, id: intent.key, credential: .local(intent.by))
        request.headers.contentType = intent.type
        if intent.method != "GET" { request.headers.idempotencyKey = intent.key }
        let known = auditor.model
        world.note("\(intent.method) \(intent.target) by \(intent.by), key \(intent.key)", [.blob(intent.body)])
        world.doing = intent.kind
        defer { world.doing = World.starting }
        let answer = exchange.respond(to: request)
        world.note("answer \(answer.status)", [.blob(answer.body)])
        try auditor.follow()
        if world.life.isOver || answer.status >= 500 {
            // A new person may not be known there yet; a page may use a copy that is a second old.
            let isUnknown = answer.status == 503 && (before == nil || intent.method == "GET")
            if !world.life.isOver, struck == world.struck, !isUnknown {
                throw Finding("\(intent.method) \(intent.target): \(answer.status) \(answer.text.prefix(300))")
            }
            world.marks.reach("branch: no answer")
            if intent.insists { pending.append(intent) }
            return
        }
        try auditor.check(answer, to: intent, before: known, standing: before)
        if intent.isAnsweredOnce, answer.status < 400 {
            if case .mixed = intent.aim { return }
            if let former = answered.last(where: { $0.intent.key == intent.key && $0.intent.by == intent.by }) {
                guard former.body == answer.body else {
                    throw Finding("\(intent.target) with key \(intent.key) was answered in two ways")
                }
                world.marks.reach("branch: an answer was given again")
            } else {
                answered.append((intent, answer.body))
                if answered.count > 200 { answered.removeFirst(100) }
            }
        }
    }
}
