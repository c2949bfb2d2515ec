import Directory
import Ledger
import Storage
import Values
import Web

/// The page of corrections that are larger than what they correct: those that wait for a second pair of eyes, and what
/// became of the others (X23).
struct CorrectionPages: Sendable {
    let decide: DecideCorrection

    private static let rows = 50

    var endpoints: [Endpoint] { [list, confirmation, refusal] }

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
            "reason": .text(request.reason), "at": .text(call.format.time(request.at)),
            "mayConfirm": .flag(request.author != me && request.account != me),
            "isOwn": .flag(request.author == me), "isConfirmed": .flag(request.state == .confirmed),
            "decidedBy": name(request.decidedBy),
            "decidedAt": .text(request.decidedAt.map { call.format.time($0) } ?? ""),
        ]
    }

    private var confirmation: Endpoint {
        .form("/corrections/{correction}/confirmation", "Confirm a correction", access: Rights.money) {
            [decide] call, transaction in
            _ = try decide.confirm(
                try call.id("correction"), by: try call.person().id, call.environment, trace: call.trace,
                in: transaction)
            return .redirect(to: "/corrections?notice=accounting.correction.booked")
        }
    }

    private var refusal: Endpoint {
        .form("/corrections/{correction}/refusal", "Refuse a correction", access: Rights.money) {
            [decide] call, transaction in
            try decide.refuse(
                try call.id("correction"), by: try call.person().id, now: call.now, in: transaction)
            return .redirect(to: "/corrections?notice=accounting.correction.refused")
        }
    }
}
