/// A figure that is read when the metrics are read: a lag, a ledger's total.
package struct Gauge: Sendable {
    package let name: String
    package let about: String
    package let labels: [(String, String)]
    package let value: Double

    package init(_ name: String, _ about: String, labels: [(String, String)] = [], value: Double) {
        self.name = name
        self.about = about
        self.labels = labels
        self.value = value
    }
}
