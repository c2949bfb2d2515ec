import Storage

/// A database that runs every write twice: once to roll it back, then for good. A body that follows the rules (no
/// effect except through its transaction and its result) doesn't notice; a body that breaks them is found.
package final class RehearsedDatabase: Database {
    private let inner: any Database

    package init(_ inner: any Database) {
        self.inner = inner
    }

    package var name: String { inner.name }
    package var dialect: Dialect { inner.dialect }
    package var commits: Signal { inner.commits }

    private struct Rehearsed: Error {}

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        inner.write { transaction in
            _ = try body(transaction)
            throw Rehearsed()
        } then: { [inner] (_: Result<Void, any Error>) in
            inner.write(body, then: done)
        }
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        inner.read(body, then: done)
    }

    package func close() {
        inner.close()
    }
}
