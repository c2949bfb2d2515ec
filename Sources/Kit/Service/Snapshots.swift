import Storage

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
