import Storage

/// A service's database as one life of the program sees it. The disk outlives the program.
// Unchecked: a run uses one thread (see ``World``).
final class NodeDatabase: Database, @unchecked Sendable {
    private let disk: any Database
    private let world: World
    private let life: Life

    init(_ disk: any Database, world: World, life: Life) {
        self.disk = disk
        self.world = world
        self.life = life
    }

    var name: String { disk.name }
    var dialect: Dialect { disk.dialect }
    var commits: Signal { disk.commits }

    private struct Rehearsed: Error {}

    func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let witnessed = witnessed(body)
        if !life.isOver, world.strikes(.rehearsal) {
            disk.write { transaction in
                _ = try witnessed(transaction)
                throw Rehearsed()
            } then: { (_: Result<Void, any Error>) in
            }
        }
        run(done) { [disk] in disk.write(witnessed, then: $0) }
    }

    func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let witnessed = witnessed(body)
        run(done) { [disk] in disk.read(witnessed, then: $0) }
    }

    /// Runs a body and returns its outcome to the program; a ``Crash`` if the program has died meanwhile.
    private func run<T: Sendable>(
        _ done: @escaping @Sendable (Result<T, any Error>) -> Void,
        _ work: (@escaping @Sendable (Result<T, any Error>) -> Void) -> Void
    ) {
        guard !life.isOver else { return done(.failure(Crash())) }
        let (outer, life, world) = (world.working, life, world)
        world.working = name
        work { [name] result in
            world.working = outer
            if case .failure(let error) = result {
                world.note(failure: error, of: name)
            } else {
                world.note("\(name) done")
            }
            done(life.isOver ? .failure(Crash()) : result)
        }
    }

    private func witnessed<T>(
        _ body: @escaping @Sendable (any Transaction) throws -> T
    ) -> @Sendable (any Transaction) throws -> T {
        guard world.isRecorded else { return body }
        return { [world, name] in try body(WitnessedTransaction($0, world: world, name: name)) }
    }

    /// The program releases it; the disk stays.
    func close() {
        life.isOver = true
    }
}

/// Adds every statement, its values and its result to the run's record.
private final class WitnessedTransaction: Transaction {
    private let inner: any Transaction
    private let world: World
    private let name: String

    init(_ inner: any Transaction, world: World, name: String) {
        self.inner = inner
        self.world = world
        self.name = name
    }

    var dialect: Dialect { inner.dialect }

    private func witness<T>(_ sql: SQL, _ run: () throws -> T) throws -> T {
        world.note("\(name): \(sql.text)", sql.values)
        do {
            let result = try run()
            if let rows = result as? [Row] {
                for row in rows { world.note("  row", row.values) }
            } else if let count = result as? Int {
                world.note("  changed \(count)")
            }
            return result
        } catch {
            world.note(failure: error, of: name)
            throw error
        }
    }

    func fetch(_ sql: SQL) throws -> [Row] { try witness(sql) { try inner.fetch(sql) } }
    func fetchLocking(_ sql: SQL) throws -> [Row] { try witness(sql) { try inner.fetchLocking(sql) } }
    func fetchSharing(_ sql: SQL) throws -> [Row] { try witness(sql) { try inner.fetchSharing(sql) } }
    func change(_ sql: SQL) throws -> Int { try witness(sql) { try inner.change(sql) } }
    func changeQuietly(_ sql: SQL) throws -> Int { try witness(sql) { try inner.changeQuietly(sql) } }
    func send(_ sql: SQL) throws { try witness(sql) { try inner.send(sql) } }

    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        try witness(sql) {
            try inner.forEach(sql) { row in
                world.note("  row", row.values)
                try body(row)
            }
        }
    }

    func send(_ text: String, rows: [[Value]]) throws {
        for row in rows { world.note("\(name): \(text)", row) }
        try inner.send(text, rows: rows)
    }
}
