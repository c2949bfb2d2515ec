/// The result of a piece of work that another thread does; the asking thread blocks in ``wait()``.
final class AwaitedResult<T: Sendable>: Sendable {
    private final class State: @unchecked Sendable {
        let condition = Condition()
        var result: Result<T, any Error>?
    }

    private let state = State()

    @Sendable func settle(_ result: Result<T, any Error>) {
        state.condition.withLock {
            state.result = result
            state.condition.signal()
        }
    }

    func wait() throws -> T {
        try state.condition.withLock { () throws -> Result<T, any Error> in
            while true {
                if let result = state.result { return result }
                state.condition.wait()
            }
        }.get()
    }
}
