import Storage

/// The status of a task (X11). A task that is done cannot be reopened.
package enum TaskStatus: Int64, Sendable, Storable {
    case open = 0
    case done = 1

    package var stored: Value { .integer(rawValue) }
    package static func restored(from value: Value) throws -> TaskStatus {
        guard case .integer(let number) = value, let status = TaskStatus(rawValue: number) else {
            throw StorageError.decoding("no task status: \(value)")
        }
        return status
    }

    /// `open`, `done`: the word in the API and in page addresses.
    package var word: String { self == .open ? "open" : "done" }

    package init?(word: String) {
        switch word {
        case "open": self = .open
        case "done": self = .done
        default: return nil
        }
    }
}
