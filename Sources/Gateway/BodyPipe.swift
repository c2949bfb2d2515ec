import NIOCore
import Synchronization

/// Passes pieces of a body from the receiver to the sender, one at a time; the quicker one waits for the other.
final class BodyPipe: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private struct State {
        var piece: ByteBuffer?
        var offering: CheckedContinuation<Bool, Never>?
        var taking: CheckedContinuation<ByteBuffer?, any Error>?
        var wanting: CheckedContinuation<Bool, Never>?
        var end: Result<ByteBuffer?, any Error>?
        var isClosed = false
        var wasTouched = false
    }

    private let state = Mutex(State())

    /// Whether any piece was asked for: if so, something may have been sent.
    var wasTouched: Bool { state.withLock { $0.wasTouched } }

    /// Waits until somebody asks for the body; `false` if nobody will.
    func wanted() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if state.isClosed { return false }
                if state.wasTouched { return true }
                state.wanting = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Waits until the piece was taken; `false` if nobody wants more.
    func offer(_ piece: ByteBuffer) async -> Bool {
        await withCheckedContinuation { continuation in
            let waiting = state.withLock { state -> (CheckedContinuation<ByteBuffer?, any Error>?, Bool?) in
                guard !state.isClosed, state.end == nil else { return (nil, false) }
                if let taking = state.taking {
                    state.taking = nil
                    return (taking, true)
                }
                state.piece = piece
                state.offering = continuation
                return (nil, nil)
            }
            waiting.0?.resume(returning: piece)
            if let answer = waiting.1 { continuation.resume(returning: answer) }
        }
    }

    /// There is no more, or the rest failed.
    func finish(_ error: (any Error)? = nil) {
        let taking = state.withLock { state -> (CheckedContinuation<ByteBuffer?, any Error>?) in
            guard state.end == nil else { return nil }
            state.end = error.map { .failure($0) } ?? .success(nil)
            defer { state.taking = nil }
            return state.taking
        }
        if let error { taking?.resume(throwing: error) } else { taking?.resume(returning: nil) }
    }

    /// Nobody wants more.
    func close() {
        let (offering, taking, wanting) = state.withLock { state in
            state.isClosed = true
            state.piece = nil
            defer {
                state.offering = nil
                state.taking = nil
                state.wanting = nil
            }
            return (state.offering, state.taking, state.wanting)
        }
        wanting?.resume(returning: false)
        offering?.resume(returning: false)
        taking?.resume(returning: nil)
    }

    private func take() async throws -> ByteBuffer? {
        let wanting = state.withLock { state in
            state.wasTouched = true
            defer { state.wanting = nil }
            return state.wanting
        }
        wanting?.resume(returning: true)
        return try await withCheckedThrowingContinuation { continuation in
            let (result, offering) = state.withLock {
                state -> (Result<ByteBuffer?, any Error>?, CheckedContinuation<Bool, Never>?) in
                if let piece = state.piece {
                    state.piece = nil
                    defer { state.offering = nil }
                    return (.success(piece), state.offering)
                }
                if state.isClosed { return (.success(nil), nil) }
                if let end = state.end { return (end, nil) }
                state.taking = continuation
                return (nil, nil)
            }
            offering?.resume(returning: true)
            if let result { continuation.resume(with: result) }
        }
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let pipe: BodyPipe
        func next() async throws -> ByteBuffer? { try await pipe.take() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pipe: self) }
}
