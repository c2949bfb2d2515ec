import Foundation

/// One line of the table: what was measured, its reference, and what it should be.
struct Figure {
    let what: String
    let measured: String
    let reference: String
    let ratio: Double?
    let aim: String
    let met: Bool

    /// Two rates, as a ratio of the first to the second; with an aim, or only for information.
    static func rate(
        _ what: String, _ measured: Double, unit: String, reference: Double, atLeast aim: Double? = nil
    ) -> Figure {
        let ratio = measured / reference
        return Figure(
            what: what, measured: "\(Int(measured)) \(unit)", reference: "\(Int(reference)) \(unit)", ratio: ratio,
            aim: aim.map { "≥ \($0)" } ?? "", met: ratio >= aim ?? 0)
    }

    /// Two durations, as a ratio of the first to the second.
    static func time(
        _ what: String, _ seconds: Double, reference: Double, atMost aim: Double
    ) -> Figure {
        let ratio = seconds / reference
        return Figure(
            what: what, measured: milliseconds(seconds), reference: milliseconds(reference), ratio: ratio,
            aim: "≤ \(aim)",
            met: ratio <= aim)
    }

    /// A figure with an absolute bound.
    static func bound(_ what: String, _ measured: String, met: Bool, aim: String) -> Figure {
        Figure(what: what, measured: measured, reference: "", ratio: nil, aim: aim, met: met)
    }

    static func milliseconds(_ seconds: Double) -> String {
        String(format: seconds < 0.1 ? "%.2f ms" : "%.0f ms", seconds * 1000)
    }

    var line: String {
        what.padded(62) + measured.padded(18) + reference.padded(18)
            + (ratio.map { String(format: "%.2f", $0) } ?? "").padded(9) + aim + (met ? "" : "   missed")
    }
}

extension String {
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}

/// How many seconds a piece of work takes, by the monotonic clock.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try work()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}

func seconds(_ work: () async throws -> Void) async rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try await work()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}

/// The median of several measurements.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

/// The value that `share` of all are at or below.
func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}
