import Directory
import Ledger
import Storage
import Values
import Web

/// The pages of the company's money (X25), and what a task costs.
struct MoneyPages: Sendable {
    /// More tasks than any company has.
    private static let mostTasks: Int64 = 1_000_000_000

    var endpoints: [Endpoint] { [money, file, price, reward, reassignCost] }

    private var money: Endpoint {
        .page("/money", "The company's money: today, and by day", access: Rights.money) { call, transaction in
            let today = try OpenDay.shown(in: transaction)
            let range = try call.days(today: today)
            let days = try CompanyDay.range(from: range.lowerBound, through: range.upperBound, in: transaction)
            let now = try CompanyDay.range(from: today, through: today, in: transaction).first
            let format = call.format
            var total = CompanyDay(day: range.upperBound)
            for day in days {
                total.fees = try total.fees.plus(day.fees)
                total.rewards = try total.rewards.plus(day.rewards)
                total.corrections = try total.corrections.plus(day.corrections)
                total.paid = try total.paid.plus(day.paid)
                total.operations += day.operations
            }
            return .page(
                "accounting/money", title: "accounting.money",
                [
                    "today": try MoneyPages.line(now ?? CompanyDay(day: today), today: today, format),
                    "from": .text(range.lowerBound.description), "to": .text(range.upperBound.description),
                    "fromName": .text(format.day(range.lowerBound)), "toName": .text(format.day(range.upperBound)),
                    "csv": .text("/money/days.csv?from=\(range.lowerBound)&to=\(range.upperBound)"),
                    "chart": try MoneyPages.chart(days, call),
                    "total": try MoneyPages.line(total, today: today, format),
                    // The chart shows days without operations; the table leaves them out.
                    "days": .list(
                        try days.reversed().filter { $0.operations > 0 || $0.paid > .zero || $0.day == today }
                            .map { try MoneyPages.line($0, today: today, format) }),
                ])
        }
    }

    private var file: Endpoint {
        .page("/money/days.csv", "The company's money by day, as CSV", access: Rights.money) { call, transaction in
            let range = try call.days(today: try OpenDay.shown(in: transaction))
            return .csv(
                try StatementFile.text(
                    try CompanyDay.range(from: range.lowerBound, through: range.upperBound, in: transaction)),
                name: "company-money-\(range.lowerBound)-\(range.upperBound).csv")
        }
    }

    private var price: Endpoint {
        .fragment("/accounting/fragments/tasks/{task}", "A task's fee and reward, and its operations", access: .staff) {
            call, transaction in
            let task = try call.id("task")
            let price = try Price.of(task, in: transaction)
            let entries = try MoneyPages.entries(of: task, call, in: transaction)
            return .fragment(
                "accounting/price",
                [
                    "hasRows": .flag(!entries.isEmpty),
                    "rows": .list(try entries.map { try MoneyPages.operation($0, call, in: transaction) }),
                    "keeper": .flag(try call.person().holds(anyOf: Rights.keepers)),
                    "priced": .flag(price != nil), "unit": .text(call.company.currency),
                    "fee": .text(price.map { call.format.money($0.fee) } ?? ""),
                    "reward": .text(price.map { call.format.money($0.reward) } ?? ""),
                ])
        }
    }

    /// Follows the message "Feed the cat is done."
    private var reward: Endpoint {
        .fragment("/accounting/fragments/tasks/{task}/reward", "What a task pays", access: .staff) {
            call, transaction in
            let price = try Price.of(try call.id("task"), in: transaction)
            return .fragment(
                "accounting/reward", ["reward": .text(price.map { call.format.signed($0.reward) } ?? "")])
        }
    }

    /// Part of the question before "Reassign all", for anyone who can press it (X14).
    private var reassignCost: Endpoint {
        .fragment(
            "/accounting/fragments/reassign-cost", "What dealing so many tasks again charges",
            access: .holding([Role.manager, Role.admin])
        ) { call, transaction in
            guard let tasks = call.query("tasks").flatMap({ Int64($0) }), (1...MoneyPages.mostTasks).contains(tasks),
                let fees = try RecordedRanges.fees(in: transaction)
            else { return .fragment("accounting/cost", [:]) }
            let words = [
                "least": call.format.money(try Cents.units(fees.lowerBound).times(tasks)),
                "most": call.format.money(try Cents.units(fees.upperBound).times(tasks)),
                "currency": call.company.currency,
            ]
            return .fragment("accounting/cost", ["words": .words("accounting.reassign-cost", words)])
        }
    }

    /// What was booked for a task: everything for people who keep the books; for others, what is on their own account.
    private static func entries(
        of task: ID, _ call: Call, in transaction: any Transaction
    ) throws -> [Ledger.Entry] {
        let caller = try call.person()
        let entries = try Ledger.entries(about: task, limit: 100, in: transaction)
        return caller.holds(anyOf: Rights.keepers) ? entries : entries.filter { $0.account == caller.id }
    }

    private static func operation(_ entry: Ledger.Entry, _ call: Call, in transaction: any Transaction) throws -> Model
    {
        let name = try AccountLine.name(of: entry.account, in: transaction)
        return [
            "isFee": .flag(entry.kind == Books.fee), "isReward": .flag(entry.kind == Books.reward),
            "isCorrection": .flag(entry.kind == Books.correction), "account": .text(entry.account.description),
            "day": .text(entry.day.description), "at": .time(entry.at), "id": .text(entry.id.description),
            "name": .text(name ?? AccountingTexts.text("accounting.unknown", call.language)),
            "sum": .text(call.format.signed(entry.amount)), "tone": MoneyModel.tone(entry.amount),
        ]
    }

    private static func line(_ day: CompanyDay, today: Day, _ format: Format) throws -> Model {
        let income = try day.income()
        return [
            "day": .text(day.day.description), "name": .text(format.day(day.day)), "open": .flag(day.day == today),
            "fees": MoneyModel.text(day.fees, format), "rewards": MoneyModel.text(day.rewards, format),
            "corrections": MoneyModel.balance(day.corrections, format),
            "income": MoneyModel.text(income, format), "tone": income < .zero ? "negative" : "",
            "paid": MoneyModel.text(day.paid, format), "operations": .text(format.count(day.operations)),
        ]
    }

    private static func chart(_ days: [CompanyDay], _ call: Call) throws -> Model {
        let format = call.format
        let bars = try days.map { day in
            let income = try day.income()
            let name = format.day(day.day)
            return Chart.Bar(
                label: String(name.dropLast(5)), value: income, title: "\(name): \(format.money(income))")
        }
        guard let first = days.first, let last = days.last else { return .none }
        return Chart.bars(
            bars, title: AccountingTexts.text("accounting.by-day", call.language),
            summary: AccountingTexts.text(
                "accounting.chart.about", call.language,
                ["from": format.day(first.day), "to": format.day(last.day)]),
            format: format)
    }
}
