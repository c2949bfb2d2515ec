import Directory
import Storage
import Values
import Web

/// Everybody's payouts, for accountants and admins: the list, one payout with its attempts, retries, the hold, a file.
struct PayoutPages: Sendable {
    let retry: RetryPayout
    let release: ReleasePayout
    let settle: SettleByHand
    let decideHold: DecideHold

    /// Shows in the navigation how many payouts need a person.
    static let waiting = "/payouts/fragments/waiting"

    var endpoints: [Endpoint] {
        [list, one, file, count] + [retryAsking, retrying, releaseAsking, releasing, settling]
            + [holdAsking, setHold, holdReleaseAsking, releaseHold]
    }

    private var list: Endpoint {
        .page("/payouts", "Everybody's payouts", access: Rights.money) { call, transaction in
            let state = try Rights.state(call)
            let person = try call.query("person").map { text in
                guard let id = ID(text) else { throw Problem.notFound }
                return id
            }
            let filter = PayoutLine.Filter(state: state, person: person)
            let part = try call.page(100, by: \.payout.id) {
                try PayoutLine.list(filter, before: $0, limit: $1, in: transaction)
            }
            let base = "/payouts?" + PayoutPages.query(state, person)
            let whose = try person.map { try Directory.person($0, in: transaction)?.name ?? "" }
            return .page(
                "payouts/list", title: "payouts.payouts",
                [
                    "hold": try PayoutPages.banner(try Hold.current(in: transaction), call, in: transaction),
                    "stats": try PayoutPages.stats(call, in: transaction),
                    "tabs": .list(PayoutPages.tabs(state, person, call.language)), "whose": .text(whose ?? ""),
                    "tab": .text(PayoutsTexts.text("payouts.tab." + (state?.rawValue ?? "all"), call.language)),
                    "hasRows": .flag(!part.rows.isEmpty),
                    "older": .text(part.next.map { base + "cursor=\($0)" } ?? ""),
                    "rows": .list(part.rows.map { PayoutModel.row($0, call) }),
                    "csv": .text("/payouts/payouts.csv" + (state.map { "?state=\($0.rawValue)" } ?? "")),
                ])
        }
    }

    private var count: Endpoint {
        .count(
            PayoutPages.waiting, access: Rights.money, about: "payouts.need-somebody", as: .trouble,
            topics: ["payouts", "accounting"]
        ) { [settle] _, transaction in
            try NeedSomebody.count(known: settle.known, limit: Waiting.most + 1, in: transaction)
        }
    }

    private static func query(_ state: Payout.State?, _ person: ID?) -> String {
        (state.map { "state=\($0.rawValue)&" } ?? "") + (person.map { "person=\($0)&" } ?? "")
    }

    private static func tabs(_ current: Payout.State?, _ person: ID?, _ language: Language) -> [Model] {
        ([nil] + Payout.State.allCases).map { state in
            let query = query(state, person)
            return [
                "title": .text(PayoutsTexts.text("payouts.tab." + (state?.rawValue ?? "all"), language)),
                "href": .text(query.isEmpty ? "/payouts" : "/payouts?" + query.dropLast()),
                "current": .flag(state == current),
            ]
        }
    }

    private static func stats(_ call: Call, in transaction: any Transaction) throws -> Model {
        let open = try PayoutLine.open(in: transaction)
        return .list(
            [Payout.State.pending, .sent, .failed].map { state in
                let figures = open[state] ?? (0, .zero)
                return [
                    "title": .text(PayoutsTexts.text("payouts.tab.\(state.rawValue)", call.language)),
                    "sum": .text(call.format.money(figures.sum)),
                    "count": .text(
                        PayoutsTexts.text(
                            "payouts.count", call.language, ["count": call.format.count(figures.count)])),
                ]
            })
    }

    private static func banner(_ hold: Hold?, _ call: Call, in transaction: any Transaction) throws -> Model {
        guard let hold else { return nil }
        let name = try hold.by.map { try Directory.person($0, in: transaction)?.name ?? "" }
        let key = name == nil ? "payouts.held.restored" : "payouts.held.by"
        let sent = try Hold.sent(in: transaction)
        let words = PayoutsTexts.text("payouts.held.sent", call.language, ["count": call.format.count(sent)])
        return [
            "words": .text(
                PayoutsTexts.text(
                    key, call.language, ["since": call.format.time(hold.since), "name": name ?? ""])),
            "sent": .text(sent == 0 ? "" : words),
        ]
    }

    private var one: Endpoint {
        .page("/payouts/{payout}", "One payout and its attempts", access: Rights.money) { call, transaction in
            try page(call, in: transaction)
        }
    }

    func page(_ call: Call, in transaction: any Transaction) throws -> Answer {
        guard let line = try PayoutLine.of(try call.id("payout"), in: transaction) else { throw Problem.notFound }
        let attempts = try Attempt.all(of: line.payout.id, in: transaction)
        let people = try Directory.people(
            attempts.flatMap { [$0.askedBy, $0.settledBy].compactMap(\.self) }
                + [line.payout.releasedBy].compactMap(\.self), in: transaction)
        var model = PayoutModel.fields(line, call)
        model["requested"] = .time(line.payout.requestedAt)
        model["next"] = .time(line.payout.state == .sent ? line.payout.dueAt : nil)
        model["limited"] = .flag(line.payout.isLimited)
        model["mayRelease"] = .flag(line.payout.isLimited && line.payout.person != call.caller?.id)
        model["releasedBy"] = .text(line.payout.releasedBy.flatMap { people[$0]?.name } ?? "")
        model["mayRetry"] = .flag(line.payout.state == .failed)
        if line.payout.state == .sent, let last = attempts.first, settle.isForPerson(last) {
            model["next"] = Model.none
            model["orphaned"] = [
                "isDisputed": .flag(last.disputed != nil), "provider": .text(last.provider),
                "note": .text(call.field("note")),
            ]
        }
        model["hasAttempts"] = .flag(!attempts.isEmpty)
        model["attempts"] = .list(
            attempts.map { attempt in
                PayoutModel.attempt(
                    attempt, by: attempt.askedBy.flatMap { people[$0]?.name },
                    settledBy: attempt.settledBy.flatMap { people[$0]?.name }, call)
            })
        return .page("payouts/one", title: "payouts.one", .object(model))
    }

    private var file: Endpoint {
        .page("/payouts/payouts.csv", "Payouts of a range of days, as CSV", access: Rights.money) {
            call, transaction in
            let days = try call.days(today: call.company.calendar.day(of: call.now))
            let text = try PayoutFile.text(
                from: days.lowerBound, through: days.upperBound, state: try Rights.state(call), call.company.calendar,
                in: transaction)
            return .csv(text, name: "payouts-\(days.lowerBound)-\(days.upperBound).csv")
        }
    }
}
