import Hosting
import Metrics
import ServiceKit
import Synchronization

/// Keeps the figures that the program counts through swift-metrics, and writes them in the format of Prometheus (text
/// format 0.0.4). Timers become histograms in seconds; aggregating recorders become histograms of their own unit.
package final class MetricsRegistry: MetricsFactory {
    package typealias Gauge = ServiceKit.Gauge

    private struct Key: Hashable {
        let name: String
        let labels: String
    }

    private struct State {
        var counters: [Key: CounterCell] = [:]
        var gauges: [Key: GaugeCell] = [:]
        var histograms: [Key: HistogramCell] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions, in: "") : gauge(label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions, in: "_seconds")
    }

    // A counter that is made again after this continues the same figure: counters must not go back.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterCell {
        let key = Key(name: MetricsRegistry.name(label, ending: "_total"), labels: MetricsRegistry.labels(dimensions))
        return state.withLock { state in
            if let cell = state.counters[key] { return cell }
            let cell = CounterCell()
            state.counters[key] = cell
            return cell
        }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeCell {
        let key = Key(name: MetricsRegistry.name(label, ending: ""), labels: MetricsRegistry.labels(dimensions))
        return state.withLock { state in
            if let cell = state.gauges[key] { return cell }
            let cell = GaugeCell()
            state.gauges[key] = cell
            return cell
        }
    }

    func histogram(_ label: String, _ dimensions: [(String, String)], in unit: String) -> HistogramCell {
        let key = Key(name: MetricsRegistry.name(label, ending: unit), labels: MetricsRegistry.labels(dimensions))
        return state.withLock { state in
            if let cell = state.histograms[key] { return cell }
            let cell = HistogramCell()
            state.histograms[key] = cell
            return cell
        }
    }

    // MARK: Writing

    /// All figures, and the given gauges, as text.
    package func exposition(_ gauges: [Gauge] = []) -> String {
        let (counters, held, histograms) = state.withLock { ($0.counters, $0.gauges, $0.histograms) }
        var text = ""
        write(counters, type: "counter", to: &text) { key, cell, text in
            text += "\(key.name)\(MetricsRegistry.braces(key.labels)) \(cell.count)\n"
        }
        write(held, type: "gauge", to: &text) { key, cell, text in
            text += "\(key.name)\(MetricsRegistry.braces(key.labels)) \(MetricsRegistry.number(cell.current))\n"
        }
        write(histograms, type: "histogram", to: &text) { key, cell, text in cell.write(key.name, key.labels, to: &text)
        }
        var last = ""
        for gauge in gauges.sorted(by: { $0.name < $1.name }) {
            let name = MetricsRegistry.name(gauge.name, ending: "")
            if name != last { text += "# HELP \(name) \(gauge.about)\n# TYPE \(name) gauge\n" }
            last = name
            let labels = MetricsRegistry.braces(MetricsRegistry.labels(gauge.labels))
            text += "\(name)\(labels) \(MetricsRegistry.number(gauge.value))\n"
        }
        return text
    }

    private func write<Cell>(
        _ cells: [Key: Cell], type: String, to text: inout String, _ line: (Key, Cell, inout String) -> Void
    ) {
        var last = ""
        for (key, cell) in cells.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
            if key.name != last { text += "# TYPE \(key.name) \(type)\n" }
            last = key.name
            line(key, cell, &text)
        }
    }

    /// Letters, digits and underscores, beginning with a letter.
    private static func name(_ label: String, ending: String) -> String {
        var name = String(
            label.unicodeScalars.map { scalar -> Character in
                let fits = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                return fits ? Character(scalar) : "_"
            })
        if name.first?.isNumber ?? true { name = "_" + name }
        return name.hasSuffix(ending) ? name : name + ending
    }

    private static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(MetricsRegistry.name(name, ending: ""))=\"\(escaped)\""
        }.joined(separator: ",")
    }

    static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.isNaN ? "NaN" : value == .infinity ? "+Inf" : value == -.infinity ? "-Inf" : String(value)
    }
}

/// A count that only grows.
final class CounterCell: CounterHandler {
    private let value = Atomic<Int64>(0)

    var count: Int64 { value.load(ordering: .relaxed) }
    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }
}

/// A figure that goes up and down.
final class GaugeCell: MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    var current: Double { value.withLock { $0 } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// A histogram of values, with buckets from 0.1 ms to 10 s.
final class HistogramCell: TimerHandler, RecorderHandler {
    private static let bounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private struct State {
        var buckets = [Int64](repeating: 0, count: HistogramCell.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = HistogramCell.bounds.firstIndex { value <= $0 } ?? HistogramCell.bounds.count
        state.withLock { state in
            state.buckets[bucket] += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let (buckets, sum) = state.withLock { ($0.buckets, $0.sum) }
        let prefix = labels.isEmpty ? "" : labels + ","
        var count: Int64 = 0
        for (index, bucket) in buckets.enumerated() {
            count += bucket
            let bound =
                index < HistogramCell.bounds.count ? MetricsRegistry.number(HistogramCell.bounds[index]) : "+Inf"
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(count)\n"
        }
        text += "\(name)_sum\(MetricsRegistry.braces(labels)) \(MetricsRegistry.number(sum))\n"
        text += "\(name)_count\(MetricsRegistry.braces(labels)) \(count)\n"
    }
}
