import Storage

/// What went wrong between this process and the server, before it becomes a ``StorageError``.
enum PostgreSQLFailure: Error {
    /// The server refused a statement, with its SQLSTATE.
    case statement(state: String, message: String)
    /// The connection is gone, and with it the transaction.
    case lost(String)
    /// The connection was lost while a COMMIT was on its way.
    case unknown(String)
    /// A column whose type or value ``Value`` cannot hold.
    case decoding(String)

    /// True if the connection cannot be used any more.
    var endsConnection: Bool {
        switch self {
        case .lost, .unknown: true
        case .statement, .decoding: false
        }
    }

    /// True if the same body may well succeed at the next attempt.
    var isRepeatable: Bool {
        guard case .statement(let state, _) = self else { return false }
        // Serialization failure, deadlock.
        return state == "40001" || state == "40P01"
    }

    /// True if the cause may be prepared statements: their tables have changed since, or a pooler in between has
    /// switched the connection.
    var doubtsStatements: Bool {
        guard case .statement(let state, _) = self else { return false }
        return state == "0A000" || state == "26000"
    }

    var storageError: StorageError {
        switch self {
        case .lost(let message): .unavailable(message)
        case .unknown(let message):
            .unavailable("the connection was lost during the commit, its outcome is unknown: \(message)")
        case .decoding(let message): .decoding(message)
        case .statement(let state, let message): Self.error(state: state, message: message)
        }
    }

    private static func error(state: String, message: String) -> StorageError {
        let text = "\(message) (\(state))"
        switch state {
        case "53100": return .full(text)
        case "25006": return .readOnly(text)
        // Still failing after all attempts; a lock that somebody else holds; no connection left.
        case "40001", "40P01", "55P03", "53300": return .unavailable(text)
        case "XX001", "XX002": return .corrupt(text)
        default: break
        }
        if state.hasPrefix("23") { return .constraint(text) }
        if state.hasPrefix("08") || state.hasPrefix("57P0") { return .unavailable(text) }
        return .failed(text)
    }
}
