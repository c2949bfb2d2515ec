import Directory
import Values
import Web

/// How figures are shown on pages.
enum FigureModel {
    static func money(_ cents: Cents, _ format: Format) -> Model {
        ["text": .text(format.money(cents)), "tone": cents < .zero ? "negative" : ""]
    }

    static func day(_ figures: DayFigures, _ format: Format) -> Model {
        [
            "name": .text(format.day(figures.day)), "iso": .text(figures.day.description),
            "isOpen": .flag(figures.state == .open), "comingIn": .flag(figures.state == .comingIn),
            "final": .flag(figures.state == .final),
            "income": money(figures.income, format), "operations": .text(format.count(figures.operations)),
            "belowZero": .text(format.count(figures.belowZero)),
            "dearest": figures.dearest.map { dearest($0, format) } ?? .none,
        ]
    }

    /// A day in the form for addresses, and in the form for people.
    static func link(to day: Day, _ format: Format) -> Model {
        ["iso": .text(day.description), "name": .text(format.day(day))]
    }

    static func dearest(_ task: DearestTask, _ format: Format) -> Model {
        [
            "reward": money(task.reward, format), "path": .text("/tasks/\(task.task)"), "title": .text(task.title),
            "jira": .text(task.jiraID ?? ""),
        ]
    }

    static func name(_ person: Person?, _ language: Language) -> String {
        person?.name ?? AnalyticsTexts.text("analytics.unknown", language)
    }

    static func name(of period: Period, _ day: Day, _ call: Call) -> String {
        let range = period.range(around: day)
        switch period {
        case .day: return call.format.day(day)
        case .week:
            let week = Period.week(of: day)
            return AnalyticsTexts.text(
                "analytics.week", call.language,
                [
                    "week": String(week.week), "year": String(week.year),
                    "from": short(range.lowerBound, call.format), "to": short(range.upperBound, call.format),
                ])
        case .month:
            return AnalyticsTexts.text("analytics.month.\(day.date.month)", call.language) + " \(day.date.year)"
        }
    }

    /// `21 Nov`: a day without its year.
    static func short(_ day: Day, _ format: Format) -> String {
        format.day(day).words().prefix(2).joined(separator: " ")
    }
}

/// The three charts of the dashboard.
struct DayCharts {
    let days: [DayFigures]
    let call: Call

    func income() -> Model {
        let format = call.format
        let bars = days.map { day in
            Chart.Bar(
                label: FigureModel.short(day.day, format), value: day.income,
                title: title(day, format.money(day.income)),
                isOpen: isOpen(day))
        }
        return draw(bars, .money, "analytics.income-by-day", "analytics.income.about")
    }

    func belowZero() -> Model {
        let format = call.format
        let bars = days.map { day in
            Chart.Bar(
                label: FigureModel.short(day.day, format), count: Int64(day.belowZero),
                title: title(day, format.count(day.belowZero)), isOpen: isOpen(day))
        }
        return draw(bars, .count, "analytics.below-zero-by-day", "analytics.below-zero.about")
    }

    func dearest() -> Model {
        let format = call.format
        let bars = days.map { day in
            Chart.Bar(
                label: FigureModel.short(day.day, format), value: day.dearest?.reward ?? .zero,
                title: title(day, day.dearest.map { "\(format.money($0.reward)), \($0.title)" } ?? "–"),
                isOpen: isOpen(day))
        }
        return draw(bars, .money, "analytics.dearest-by-day", "analytics.dearest.about")
    }

    private func isOpen(_ day: DayFigures) -> Bool { day.state == .open || day.state == .comingIn }

    private func title(_ day: DayFigures, _ value: String) -> String { "\(call.format.day(day.day)): \(value)" }

    private func draw(_ bars: [Chart.Bar], _ unit: Chart.Unit, _ title: String, _ about: String) -> Model {
        guard let first = days.first, let last = days.last else { return .none }
        return Chart.bars(
            bars, of: unit, title: AnalyticsTexts.text(title, call.language),
            summary: AnalyticsTexts.text(
                about, call.language, ["from": call.format.day(first.day), "to": call.format.day(last.day)]),
            format: call.format)
    }
}
