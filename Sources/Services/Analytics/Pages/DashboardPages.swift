import Directory
import Storage
import Values
import Web

/// The dashboard: today's figures, and by day as charts with their tables (X30, X31).
struct DashboardPages: Sendable {
    var endpoints: [Endpoint] {
        [
            dashboard,
            file("income", "Income by day, as CSV") { FigureFile.income($0, try DaySums.range($1, in: $2)) },
            file("below-zero-by-day", "People below zero by day, as CSV") { days, _, _ in FigureFile.belowZero(days) },
            file("dearest", "The dearest task by day, as CSV") { days, _, _ in FigureFile.dearest(days) },
        ]
    }

    private var dashboard: Endpoint {
        .page("/analytics", "Management's figures: now, and by day", access: AnalyticsCall.access) {
            call, transaction in
            let today = try AnalyticsCall.today(call, in: transaction)
            let range = try call.days(today: today)
            let date = try call.queryDay("date") ?? today
            let days = try DayFigures.range(range, in: transaction)
            let now = try DayFigures.range(today...today, in: transaction).first ?? DayFigures(day: today)
            let charts = DayCharts(days: days, call: call)
            let query = "from=\(range.lowerBound)&to=\(range.upperBound)"
            return .page(
                "analytics/dashboard", title: "analytics.title",
                [
                    "now": try DashboardPages.now(now, call, in: transaction),
                    "from": .text(range.lowerBound.description), "to": .text(range.upperBound.description),
                    "date": .text(date.description), "query": .text(query),
                    "spans": .list(DashboardPages.spans(today, range, call)),
                    "incomeChart": charts.income(), "belowZeroChart": charts.belowZero(),
                    "dearestChart": charts.dearest(),
                    // The chart includes days before the first one and after today; the table leaves them out.
                    "days": .list(
                        days.reversed().filter { $0.state != .none }.map { FigureModel.day($0, call.format) }),
                    "total": FigureModel.money(try days.reduce(.zero) { try $0.plus($1.income) }, call.format),
                    "periods": .list(try DashboardPages.periods(around: date, call, in: transaction)),
                ])
        }
    }

    private func file(
        _ name: String, _ summary: String,
        _ write: @escaping @Sendable ([DayFigures], ClosedRange<Day>, any Transaction) throws -> String
    ) -> Endpoint {
        .page("/analytics/\(name).csv", summary, access: AnalyticsCall.access) { call, transaction in
            let range = try call.days(today: try AnalyticsCall.today(call, in: transaction))
            return .csv(
                try write(try DayFigures.range(range, in: transaction), range, transaction),
                name: "\(name)-\(range.lowerBound)-\(range.upperBound).csv")
        }
    }

    private static func now(_ figures: DayFigures, _ call: Call, in transaction: any Transaction) throws -> Model {
        let deepest = try BelowZero.list(after: nil, limit: 3, in: transaction)
        let names = try Directory.people(deepest.map(\.person), in: transaction)
        return [
            "day": FigureModel.day(figures, call.format),
            "belowZero": .text(call.format.count(figures.belowZero)),
            "deepest": .list(
                deepest.enumerated().map { index, line in
                    [
                        "comma": .flag(index > 0), "path": .text("/analytics/people/\(line.person)"),
                        "name": .text(FigureModel.name(names[line.person], call.language)),
                    ]
                }),
            "more": .flag(figures.belowZero > deepest.count),
        ]
    }

    /// The day, the ISO week and the month of a date, each with its dearest task.
    private static func periods(
        around day: Day, _ call: Call, in transaction: any Transaction
    ) throws -> [Model] {
        try Period.allCases.map { period in
            let range = period.range(around: day)
            let dearest = try DearestTask.best(range, in: transaction)
            let person = try dearest.flatMap { try Directory.person($0.person, in: transaction) }
            return [
                "id": .text(period.rawValue), "name": .text(FigureModel.name(of: period, day, call)),
                "dearest": dearest.map { FigureModel.dearest($0, call.format) } ?? .none,
                "on": .text(dearest.map { call.format.day($0.day) } ?? ""),
                "who": .text(dearest == nil ? "" : FigureModel.name(person, call.language)),
            ]
        }
    }

    /// Links to ranges that end today.
    private static func spans(_ today: Day, _ range: ClosedRange<Day>, _ call: Call) -> [Model] {
        [7, 30, 90, 365].map { count in
            let first = today.adding(days: 1 - count)
            return [
                "path": .text("/analytics?from=\(first)&to=\(today)"),
                "name": .text(AnalyticsTexts.text("analytics.span.\(count)", call.language)),
                "current": .flag(range == first...today),
            ]
        }
    }
}
