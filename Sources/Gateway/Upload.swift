import HTTPDriver
import Hummingbird
import NIOCore
import Synchronization
import Web

/// A large body on its way through the gateway: read from the caller as fast as the process takes it, never held as a
/// whole, counted and timed. It is read in a task of its own, because the sender to the process may stop asking at any
/// moment, and the server must not start the next request while this one is still being read.
final class Upload: Sendable {
    let pipe = BodyPipe()
    private let stopped = Mutex<Problem?>(nil)
    private let task: Mutex<Task<Void, Never>?> = Mutex(nil)

    /// - Parameter limit: bytes.
    init(_ request: Request, _ connection: RequestConnection, limit: Int, at pace: SenderPace) {
        task.withLock { $0 = Task { await self.read(request, connection, limit, pace) } }
    }

    private func read(
        _ request: Request, _ connection: RequestConnection, _ limit: Int, _ pace: SenderPace
    ) async {
        var count = 0
        var pace = pace
        var isWanted = true
        do {
            // A caller that waits for permission to send gets it when a process takes the body, and never if no process
            // is there.
            if await pipe.wanted() {
                await connection.wantBody(of: request)
            } else if request.headers[.expect] != nil {
                return pipe.finish()
            }
            var asked = ContinuousClock.now
            for try await piece in request.body {
                count += piece.readableBytes
                if count > limit { throw EndpointRunner.tooLarge(limit) }
                try pace.came(piece.readableBytes, after: asked.duration(to: .now))
                // The rest of a body that nobody wants is read all the same, so that the caller can receive the answer.
                if isWanted { isWanted = await pipe.offer(piece) }
                asked = .now
            }
            pipe.finish()
        } catch {
            stopped.withLock { $0 = error as? Problem ?? Problem(400, "web.encoding") }
            pipe.finish(error)
        }
    }

    /// What was wrong with the body itself.
    var problem: Problem? { stopped.withLock { $0 } }

    /// Waits a short time until the rest of the body was read. Returns `false` if it was given up: the connection
    /// cannot be used again.
    func end() async -> Bool {
        guard let task = task.withLock({ $0 }) else { return true }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await task.value
                return true
            }
            group.addTask {
                // This was cancelled because the body came to its end.
                if (try? await Task.sleep(for: .seconds(2))) == nil { return true }
                task.cancel()
                return false
            }
            let isWhole = await group.next() ?? true
            group.cancelAll()
            await task.value
            return isWhole
        }
    }
}
