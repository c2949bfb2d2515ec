import HTTPDriver
import Hummingbird
import NIOCore
import Synchronization
import Web

/// A large body on its way through: read from the caller as fast as the process takes it, never held, counted and
/// timed. It reads on a task of its own, because whoever sends it on may stop asking at any moment, and the server
/// must not come to the next request while this one is still being read.
final class Upload: Sendable {
    let pipe = BodyPipe()
    private let stopped = Mutex<Problem?>(nil)
    private let task: Mutex<Task<Void, Never>?> = Mutex(nil)

    /// - Parameter limit: bytes.
    init(_ request: Request, _ connection: HTTPDriver.Connection, limit: Int, at pace: SenderPace) {
        task.withLock { $0 = Task { await self.read(request, connection, limit, pace) } }
    }

    private func read(
        _ request: Request, _ connection: HTTPDriver.Connection, _ limit: Int, _ pace: SenderPace
    ) async {
        var count = 0
        var pace = pace
        var isWanted = true
        do {
            // Whoever waits to be told to send it is told when a process takes it, and never where none is there.
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
                // What is left of a body that nobody wants is read all the same, so that the answer can be heard.
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

    /// Waits for the rest of the body to have been read, but not for long. `false` where it was given up: the
    /// connection cannot be used again.
    func end() async -> Bool {
        guard let task = task.withLock({ $0 }) else { return true }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await task.value
                return true
            }
            group.addTask {
                // Cancelled when the body came to its end.
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
