import Directory
import Ledger
import Storage
import Values
import Web

/// The page of corrections that are larger than what they correct: those that wait for a second person, and what was
/// decided about the others (X23).
struct CorrectionPages: Sendable {
    let decide: DecideCorrection

    /// Shows in the navigation how many wait.
    static let waiting = "/accounting/fragments/waiting/corrections"
    private static let rows = 50

    var endpoints: [Endpoint] { [list, asking, confirmation, refusal, count] }

    private var list: Endpoint {
        .page("/corrections", "Corrections to confirm", access: Rights.money) { call, transaction in
            let waiting = try CorrectionRequest.list(
                .waiting, before: nil, limit: CorrectionPages.rows, in: transaction)
            let decided =
                try CorrectionRequest.list(.confirmed, before: nil, limit: CorrectionPages.rows, in: transaction)
                + CorrectionRequest.list(.refused, before: nil, limit: CorrectionPages.rows, in: transaction)
            let latest = decided.sorted { ($0.decidedAt ?? $0.at) > ($1.decidedAt ?? $1.at) }.prefix(
                CorrectionPages.rows)
            let names = try Directory.people(
                Array(Set((waiting + latest).flatMap { [$0.account, $0.author] + [$0.decidedBy].compactMap(\.self) })),
                in: transaction)
            let row = { (request: CorrectionRequest) in
                try CorrectionPages.row(request, names, call, in: transaction)
            }
            return .page(
                "accounting/corrections", title: "accounting.correction-requests",
                [
                    "waiting": .list(try waiting.map(row)), "anyWaiting": .flag(!waiting.isEmpty),
                    "decided": .list(try latest.map(row)), "anyDecided": .flag(!latest.isEmpty),
                ])
        }
    }

    private static func row(
        _ request: CorrectionRequest, _ names: [ID: Person], _ call: Call, in transaction: any Transaction
    ) throws -> Model {
        let corrected = try Ledger.entry(request.entry, in: transaction)
        let me = call.caller?.id
        func name(_ id: ID?) -> Model {
            .text(
                id.flatMap { names[$0]?.name }.flatMap { $0.isEmpty ? nil : $0 }
                    ?? AccountingTexts.text("accounting.unknown", call.language))
        }
        return [
            "id": .text(request.id.description), "account": .text(request.account.description),
            "person": name(request.account), "author": name(request.author),
            "what": .text(corrected?.memo.title ?? ""), "jira": .text(corrected?.memo.reference ?? ""),
            "booked": .text(corrected.map { call.format.signed($0.amount) } ?? ""),
            "sum": .text(call.format.signed(request.sum)), "tone": MoneyModel.tone(request.sum),
            "reason": .text(request.reason), "at": .time(request.at),
            "mayConfirm": .flag(request.author != me && request.account != me),
            "isOwn": .flag(request.author == me), "isConfirmed": .flag(request.state == .confirmed),
            "decidedBy": name(request.decidedBy),
            "decidedAt": .time(request.decidedAt),
        ]
    }

    /// Asks before a correction is booked: shows what booking it does.
    private var asking: Endpoint {
        .page("/corrections/{correction}/confirm", "What confirming a correction does", access: Rights.money) {
            [decide] call, transaction in
            guard let request = try CorrectionRequest.of(try call.id("correction"), in: transaction),
                let account = try Ledger.account(request.account, in: transaction)
            else { throw Problem.notFound }
            try decide.expectConfirmable(request, by: try call.person().id)
            let corrected = try Ledger.entry(request.entry, in: transaction)
            let words = try CorrectionPages.words(request, call, in: transaction)
            func text(_ key: String) -> String { AccountingTexts.text(key, call.language, words) }
            func money(_ sum: Cents) -> String { "\(call.format.money(sum)) \(call.company.currency)" }
            var confirmation = Confirmation(
                title: text("accounting.correction-requests.asked"), button: "accounting.correction-requests.confirm",
                lines: [text("accounting.correction-requests.effect")],
                action: "/corrections/\(request.id)/confirmation", back: "/corrections")
            confirmation.facts = [
                (text("accounting.operation"), corrected?.memo.title ?? ""),
                (
                    text("accounting.correction-requests.corrected"),
                    corrected.map { call.format.signed($0.amount) } ?? ""
                ),
                (text("accounting.correction.reason"), request.reason),
                (
                    text("accounting.correction-requests.author"),
                    try AccountPages.name(of: request.author, call, in: transaction)
                ),
                (text("accounting.balance"), money(account.balance)),
                (text("accounting.after"), money(try account.balance.plus(request.sum))),
            ]
            return .asking(confirmation)
        }
    }

    private static func words(
        _ request: CorrectionRequest, _ call: Call, in transaction: any Transaction
    ) throws -> [String: String] {
        MoneyModel.words(
            try AccountPages.name(of: request.account, call, in: transaction), request.sum, call)
    }

    private var confirmation: Endpoint {
        .form("/corrections/{correction}/confirmation", "Confirm a correction", access: Rights.money) {
            [decide] call, transaction in
            let entry = try decide.confirm(
                try call.id("correction"), by: try call.person().id, call.environment, trace: call.trace,
                in: transaction)
            let name = try AccountPages.name(of: entry.account, call, in: transaction)
            return .redirect(to: "/corrections").saying(
                "accounting.correction.booked", MoneyModel.words(name, entry.amount, call))
        }
    }

    private var refusal: Endpoint {
        .form("/corrections/{correction}/refusal", "Refuse a correction", access: Rights.money) {
            [decide] call, transaction in
            let person = try call.person().id
            let request = try decide.refuse(
                try call.id("correction"), by: person, now: call.now, trace: call.trace, in: transaction)
            let said =
                request.author == person ? "accounting.correction.withdrawn" : "accounting.correction.refused"
            return .redirect(to: "/corrections").saying(
                said, try CorrectionPages.words(request, call, in: transaction))
        }
    }

    /// How many corrections the caller can decide.
    private var count: Endpoint {
        .count(
            CorrectionPages.waiting, access: Rights.money, about: "accounting.correction-requests.count",
            topics: ["accounting"]
        ) { call, transaction in
            try CorrectionRequest.waiting(
                for: try call.person().id, limit: Waiting.most + 1, in: transaction)
        }
    }
}
