import Storage

/// A part of `popug verify`: an invariant of one service's own data, or a comparison with what its publishers wrote.
package struct Check: Sendable {
    package let name: String
    package let run: @Sendable (_ snapshots: Snapshots, _ report: inout Findings) throws -> Void

    package init(
        _ name: String, run: @escaping @Sendable (_ snapshots: Snapshots, _ report: inout Findings) throws -> Void
    ) {
        self.name = name
        self.run = run
    }
}

/// Read transactions on the databases of all services. Consumers' transactions are opened first.
package struct Snapshots {
    private let transactions: [String: any Transaction]

    package init(_ transactions: [String: any Transaction]) {
        self.transactions = transactions
    }

    /// - Throws: ``StorageError/unavailable(_:)`` if the service has no database here.
    package func of(_ service: String) throws -> any Transaction {
        guard let transaction = transactions[service] else {
            throw StorageError.unavailable("no database of \(service) to check")
        }
        return transaction
    }

    package func has(_ service: String) -> Bool { transactions[service] != nil }
}

/// What `verify` counted and what it found wrong.
package struct Findings: Sendable {
    /// `tasks: 14011`, in the order of counting.
    package private(set) var counts: [(what: String, count: Int64)] = []
    package private(set) var problems: [String] = []
    /// The total number of problems. `problems` keeps only the first 100 of each check.
    package private(set) var found = 0
    private var kept = 0

    package init() {}

    package mutating func count(_ what: String, _ count: Int64) {
        counts.append((what, count))
    }

    /// Reports a problem: the text names the row, the expected and the actual value.
    package mutating func problem(_ text: String) {
        found += 1
        kept += 1
        if kept <= 100 { problems.append(text) }
    }

    package mutating func nextCheck() { kept = 0 }
}
