import Values
import Web

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
