import Messaging
import Storage
import Synchronization

/// A database some of whose statements do something else than they should.
struct TamperedDatabase: Database {
    /// What is done to rows on their way: those that a query gives, those that a statement is to write, and how many a
    /// statement says that it has changed.
    struct Tampering: Sendable {
        var read: @Sendable (_ service: String, _ text: String, _ rows: [Row]) -> [Row] = { $2 }
        var write: @Sendable (_ service: String, _ text: String, _ rows: [[Value]]) -> [[Value]] = { $2 }
        var changed: @Sendable (_ service: String, _ text: String, _ count: Int) -> Int = { $2 }
    }

    let inner: any Database
    let tampering: Tampering

    var name: String { inner.name }
    var dialect: Dialect { inner.dialect }
    var commits: Signal { inner.commits }

    func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        inner.write({ try body(TamperedTransaction($0, inner.name, tampering)) }, then: done)
    }

    func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        inner.read({ try body(TamperedTransaction($0, inner.name, tampering)) }, then: done)
    }

    func close() { inner.close() }
}

private final class TamperedTransaction: Transaction {
    private let inner: any Transaction
    private let name: String
    private let tampering: TamperedDatabase.Tampering

    init(_ inner: any Transaction, _ name: String, _ tampering: TamperedDatabase.Tampering) {
        self.inner = inner
        self.name = name
        self.tampering = tampering
    }

    var dialect: Dialect { inner.dialect }

    func fetch(_ sql: SQL) throws -> [Row] { tampering.read(name, sql.text, try inner.fetch(sql)) }
    func fetchLocking(_ sql: SQL) throws -> [Row] { tampering.read(name, sql.text, try inner.fetchLocking(sql)) }
    func fetchSharing(_ sql: SQL) throws -> [Row] { tampering.read(name, sql.text, try inner.fetchSharing(sql)) }
    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws { try inner.forEach(sql, body) }
    func change(_ sql: SQL) throws -> Int { tampering.changed(name, sql.text, try inner.change(sql)) }
    func changeQuietly(_ sql: SQL) throws -> Int { try inner.changeQuietly(sql) }
    func send(_ sql: SQL) throws { try inner.send(sql) }
    func send(_ text: String, rows: [[Value]]) throws { try inner.send(text, rows: tampering.write(name, text, rows)) }
}

/// The relay's own marks, taken for what the log holds: nobody looks at the log itself.
final class BlindLog: EventLog {
    private let inner: any EventLog
    var codes: EventCodes { inner.codes }
    private let numbered: Numbered

    /// Of each topic, how far it is numbered, as its own database says.
    final class Numbered: Sendable {
        private let numbers = Mutex<[String: [Int: Int64]]>([:])

        func note(_ rows: [Row], of service: String) {
            for row in rows {
                guard let partition = try? row(0, as: Int.self), let number = try? row(1, as: Int64.self) else {
                    continue
                }
                numbers.withLock { $0[service, default: [:]][partition] = number }
            }
        }

        func of(_ topic: Topic, _ partition: Int) -> Int64 {
            numbers.withLock { $0[topic.name]?[partition] ?? 0 }
        }
    }

    init(_ inner: any EventLog, _ numbered: Numbered) {
        self.inner = inner
        self.numbered = numbered
    }

    func publish(_ envelopes: [Envelope], to topic: Topic) throws { try inner.publish(envelopes, to: topic) }
    func tail(of topic: Topic, partition: Int) throws -> Int64 { numbered.of(topic, partition) }
    func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader {
        try inner.reader(of: topic, after: numbers)
    }
}
