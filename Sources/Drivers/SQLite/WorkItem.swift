import Storage

/// What to do once a transaction is settled: tell the caller.
typealias Completion = @Sendable () -> Void

/// A body that waits for its transaction.
struct WorkItem: Sendable {
    let onlyReads: Bool
    /// Runs the body; the closure that it returns answers with the result.
    let attempt: @Sendable (any Transaction) throws -> Completion
    let fail: @Sendable (any Error) -> Void

    init<T: Sendable>(
        onlyReads: Bool,
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        self.onlyReads = onlyReads
        attempt = { transaction in
            let value = try body(transaction)
            return { done(.success(value)) }
        }
        fail = { done(.failure($0)) }
    }
}
