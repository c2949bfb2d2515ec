import Foundation
import Values

/// Charts drawn on the server, as SVG. They take their colours from the style sheet and need no script.
package enum Chart {
    /// One bar of a chart.
    package struct Bar: Sendable {
        /// Shown below the bar, if there is room: `21 Nov`.
        package let label: String
        /// Cents or a count, depending on the chart's unit.
        let amount: Int64
        /// Shown on hover, and read out by screen readers: `21 Nov 2026: 1,234.00`.
        package let title: String
        /// Whether the value may still change: the bar is drawn paler.
        let isOpen: Bool

        package init(label: String, value: Cents, title: String, isOpen: Bool = false) {
            self.init(label: label, count: value.amount, title: title, isOpen: isOpen)
        }

        /// For a chart of counts.
        package init(label: String, count: Int64, title: String, isOpen: Bool = false) {
            self.label = label
            amount = count
            self.title = title
            self.isOpen = isOpen
        }
    }

    /// What the bars of a chart show.
    package enum Unit: Sendable {
        case money
        case count
    }

    /// A bar chart of amounts or counts over time, with a zero line. Put it in a template with three braces, inside
    /// `figure.chart`. A screen reader reads `title` and `summary` instead. Empty without bars.
    package static func bars(
        _ bars: [Bar], of unit: Unit = .money, title: String, summary: String, format: Format
    ) -> Model {
        guard !bars.isEmpty else { return .none }
        return .text(Drawing(bars: bars, unit: unit, format: format).svg(title: title, summary: summary))
    }

    /// The scale's marks: at most `count` steps of 1, 2 or 5 times a power of ten that cover zero and all values, in
    /// cents.
    static func marks(_ low: Int64, _ high: Int64, count: Int) -> [Int64] {
        let low = Double(min(low, 0))
        let high = Double(max(high, 0))
        let rough = max((high - low) / Double(count), 1)
        let power = pow(10, floor(log10(rough)))
        let step = ([1, 2, 5, 10].first { $0 * power >= rough } ?? 10) * power
        let first = Int64(floor(low / step))
        let last = Int64(max(ceil(high / step), Double(first + 1)))
        return (first...last).map { $0 * Int64(step) }
    }
}

extension Chart.Unit {
    /// The end of the scale if there is nothing to show.
    fileprivate var one: Int64 { self == .money ? 100 : 1 }

    /// Whole units if an amount is one: the chart's own labels are as short as possible.
    fileprivate func scale(_ mark: Int64, _ format: Format) -> String {
        switch self {
        case .count: format.count(mark)
        case .money: mark % 100 == 0 ? format.count(mark / 100) : format.money(Cents(mark))
        }
    }
}

/// The layout of a chart on a canvas of 760 by 240 units.
private struct Drawing {
    let bars: [Chart.Bar]
    let unit: Chart.Unit
    let format: Format
    let marks: [Int64]
    let left: Double
    let right = 756.0
    let top = 12.0
    let bottom = 210.0
    let slot: Double

    init(bars: [Chart.Bar], unit: Chart.Unit, format: Format) {
        self.bars = bars
        self.unit = unit
        self.format = format
        // Amounts near the limits of 64 bits would overflow the scale. No company has them, and a chart must not trap.
        let limit: Int64 = 1_000_000_000_000_000
        let values = bars.map { min(max($0.amount, -limit), limit) }
        let isFlat = values.allSatisfy { $0 == 0 }
        marks = isFlat ? [0, unit.one] : Chart.marks(values.min() ?? 0, values.max() ?? 0, count: 4)
        let widest = marks.map { unit.scale($0, format).count }.max() ?? 1
        left = 14 + Double(widest) * 6.4
        slot = (right - left) / Double(bars.count)
    }

    func svg(title: String, summary: String) -> String {
        var lines = [
            "<svg viewBox=\"0 0 760 240\" role=\"img\" preserveAspectRatio=\"xMidYMid meet\">",
            "<title>\(Markup.escape(title))</title><desc>\(Markup.escape(summary))</desc>",
        ]
        for mark in marks {
            let y = height(mark)
            lines.append(
                "<line class=\"\(mark == 0 ? "axis" : "grid")\" x1=\"\(text(left))\" x2=\"\(text(right))\" "
                    + "y1=\"\(text(y))\" y2=\"\(text(y))\"/>")
            lines.append(label(unit.scale(mark, format), x: left - 8, y: y + 4, anchor: "end"))
        }
        for (index, bar) in bars.enumerated() { lines.append(shape(bar, index)) }
        lines += labels()
        return (lines + ["</svg>"]).joined(separator: "\n")
    }

    private func shape(_ bar: Chart.Bar, _ index: Int) -> String {
        let width = min(slot * 0.68, 44)
        let x = left + slot * (Double(index) + 0.5) - width / 2
        let zero = height(0)
        let tip = height(bar.amount)
        // An amount that is not zero stays visible, however small it is beside the others.
        let tall = bar.amount == 0 ? 0 : max(abs(tip - zero), 1.5)
        let y = bar.amount < 0 ? zero : zero - tall
        let corner = min(2.5, width / 4, tall / 2)
        return
            "<rect class=\"bar\(bar.amount < 0 ? " negative" : "")\(bar.isOpen ? " open" : "")\" x=\"\(text(x))\" y=\"\(text(y))\" "
            + "width=\"\(text(width))\" height=\"\(text(tall))\" rx=\"\(text(corner))\">"
            + "<title>\(Markup.escape(bar.title))</title></rect>"
    }

    /// As many labels as fit beside each other, counted from the last bar, which always has one.
    private func labels() -> [String] {
        let widest = Double(bars.map(\.label.count).max() ?? 1) * 6.2 + 14
        let every = max(1, Int((widest / slot).rounded(.up)))
        return bars.enumerated().filter { (bars.count - 1 - $0.offset) % every == 0 }.map { index, bar in
            let middle = left + slot * (Double(index) + 0.5)
            // The outermost labels stay on the canvas.
            let half = Double(bar.label.count) * 4
            return label(bar.label, x: min(max(middle, half), 760 - half), y: 230, anchor: "middle")
        }
    }

    private func label(_ words: String, x: Double, y: Double, anchor: String) -> String {
        "<text class=\"label\" x=\"\(text(x))\" y=\"\(text(y))\" text-anchor=\"\(anchor)\">\(Markup.escape(words))</text>"
    }

    private func height(_ cents: Int64) -> Double {
        let low = Double(marks.first ?? 0)
        let high = Double(marks.last ?? 1)
        let share = (Double(cents) - low) / max(high - low, 1)
        return bottom - min(max(share, 0), 1) * (bottom - top)
    }

    private func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}
