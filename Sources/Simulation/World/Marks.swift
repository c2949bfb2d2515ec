/// What a run really reached, by name and how often: a fault that never struck and a branch that was never taken prove
/// nothing.
package struct Marks: Sendable, Hashable {
    package private(set) var counts: [String: Int] = [:]

    mutating func reach(_ name: String) { counts[name, default: 0] += 1 }

    mutating func add(_ other: Marks) { counts.merge(other.counts, uniquingKeysWith: +) }

    package func count(_ name: String) -> Int { counts[name] ?? 0 }
}
