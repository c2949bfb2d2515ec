import Storage
import Synchronization
import Values

/// Work that one process does for all, such as a service's jobs. It consists of a lease, and of the service's database
/// behind a fence: every write first checks that this process still has the lease. An owner who is alone needs no
/// lease, and uses the service's database directly.
package final class Exclusive: Sendable {
    /// The database that the work uses.
    package let database: any Database
    private let inner: any Database
    private let environment: Environment
    private let owner: Owner
    private let lease: Mutex<Lease>
    /// The current writes. Each renews the lease itself, so no separate renewal is needed.
    private let fence: Fence

    /// - Parameter name: the lease's name: `jobs`.
    package init(_ name: String, database: any Database, environment: Environment, owner: Owner) {
        inner = database
        fence = Fence(name: name, owner: owner)
        self.database = owner.alone ? database : FencedDatabase(inner: database, fence: fence)
        self.environment = environment
        self.owner = owner
        lease = Mutex(Lease(name: name, owner: owner))
    }

    /// Whether this process has the lease. Takes it if it is free, or if its holder is dead.
    package func take() throws -> Bool {
        guard !owner.alone else { return true }
        let uptime = environment.uptime()
        return try lease.withLock { lease in
            if lease.isHeld { return true }
            return try lease.take(in: inner, uptime: uptime) { _ in true } ?? false
        }
    }

    /// Renews the lease, from another thread than the working one, however long a step takes. Call it every second.
    package func beat() throws {
        guard !owner.alone, !fence.isBusy else { return }
        let uptime = environment.uptime()
        try lease.withLock { lease in
            guard lease.isHeld else { return }
            do {
                try lease.beat(in: inner, uptime: uptime)
            } catch is LeaseLost {
                lease.lose()
            }
        }
    }

    /// Another process has the lease: a write was refused.
    package func lose() {
        lease.withLock { $0.lose() }
    }

    /// Gives up the lease, so that another process can continue at once.
    package func release() throws {
        try lease.withLock { try $0.release(in: inner) }
    }
}

/// The check before each write of the holder of an ``Exclusive``.
private final class Fence: Sendable {
    let name: String
    let owner: Owner
    private let busy = Mutex(0)

    init(name: String, owner: Owner) {
        self.name = name
        self.owner = owner
    }

    var isBusy: Bool { busy.withLock { $0 > 0 } }

    func enter() { busy.withLock { $0 += 1 } }
    func leave() { busy.withLock { $0 -= 1 } }
}

private struct FencedDatabase: Database {
    let inner: any Database
    let fence: Fence

    var name: String { inner.name }
    var dialect: Dialect { inner.dialect }
    var commits: Signal { inner.commits }

    func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let fence = fence
        fence.enter()
        inner.write({ transaction in
            try Lease.fence(fence.name, fence.owner, in: transaction)
            return try body(transaction)
        }) { result in
            fence.leave()
            done(result)
        }
    }

    func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        inner.read(body, then: done)
    }

    func close() { inner.close() }
}
