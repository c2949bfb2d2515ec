/// Where a test or the simulator may make a transaction fail.
package enum FaultPoint: Sendable, Hashable {
    /// Before a statement, given with its text: an error thrown here ends the transaction.
    case statement(String)
    /// Before the commit: an error thrown here rolls it back.
    case beforeCommit
    /// After the commit: an error thrown here means that everything was done, but the answer was lost.
    case afterCommit
}

/// Called at each ``FaultPoint``; the error that it throws goes to the caller.
package typealias FaultHook = @Sendable (FaultPoint) throws -> Void
