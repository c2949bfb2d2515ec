import CLibPQ
import Foundation
import Storage

/// One libpq connection, always in pipeline mode: statements are queued, and ``collect()`` synchronises and reads all
/// their results. Used only on the thread that made it.
final class PostgreSQLConnection {
    /// At most this many statements, or bytes of values, may be on their way. Before more are sent, results are
    /// collected, so that the buffers of neither side grow without bound.
    private static let mostStatements = 256
    private static let mostBytes = 4 << 20

    /// Results that are still to come, in order.
    private enum Expected {
        case prepared(Statements.Key)
        case statement
        case forgotten(String)
    }

    private let handle: OpaquePointer
    private var statements = Statements()
    private var expected: [Expected] = []
    private var bytes = 0
    private var parameters = Parameters()
    private(set) var isLost = false
    /// How many statements have changed something.
    private(set) var changes = 0

    /// - Throws: ``PostgreSQLFailure/lost(_:)`` if the server cannot be reached or refuses.
    init(to address: String, options: PostgreSQLOptions) throws {
        // `address` comes after the defaults, so that it can override them.
        let words: [(String, String)] = [
            ("connect_timeout", "5"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "30000"), ("application_name", "popug"),
            ("dbname", address), ("client_encoding", "UTF8"),
        ]
        guard let made = Self.connect(words) else { throw PostgreSQLFailure.lost("no memory for a connection") }
        handle = made
        guard PQstatus(handle) == CONNECTION_OK else { throw PostgreSQLFailure.lost(Self.message(of: handle)) }
        // The server's notices go only to its own log.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try prepareSession(options)
        guard PQenterPipelineMode(handle) == 1 else { throw PostgreSQLFailure.lost(Self.message(of: handle)) }
    }

    deinit {
        PQfinish(handle)
    }

    static func connect(_ words: [(String, String)]) -> OpaquePointer? {
        let keys = words.map { strdup($0.0) }
        let values = words.map { strdup($0.1) }
        defer { for text in keys + values { free(text) } }
        let end: [UnsafePointer<CChar>?] = [nil]
        return PQconnectdbParams(keys.map { UnsafePointer($0) } + end, values.map { UnsafePointer($0) } + end, 1)
    }

    private func prepareSession(_ options: PostgreSQLOptions) throws {
        func milliseconds(_ duration: Duration) -> Int64 { Int64(duration / .milliseconds(1)) }
        let text = """
            SET client_min_messages = warning;
            SET statement_timeout = \(milliseconds(options.statementTimeout));
            SET lock_timeout = \(milliseconds(options.lockTimeout));
            SET idle_in_transaction_session_timeout = \(milliseconds(options.idleInTransactionTimeout));
            SET tcp_user_timeout = 10000;
            SET tcp_keepalives_idle = 10;
            SET cursor_tuple_fraction = 1.0;
            SELECT set_config('synchronous_commit', 'on', false)
                WHERE current_setting('synchronous_commit') = 'off'
            """
        let answer = QueryResult(PQexec(handle, text))
        guard answer.status == PGRES_TUPLES_OK else { throw PostgreSQLFailure.lost(Self.message(of: handle)) }
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? "unknown"
        guard encoding == "UTF8" else { throw PostgreSQLFailure.lost("its encoding is \(encoding), and must be UTF8") }
    }

    private static func message(of handle: OpaquePointer) -> String {
        String(cString: PQerrorMessage(handle)).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether an idle connection can still be used: if the server has closed it, there is something to read.
    func isAlive() -> Bool {
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        guard poll(&socket, 1, 0) != 0 else { return true }
        // Twice: the first read gets the server's last message, the second finds the end.
        guard PQconsumeInput(handle) == 1, PQconsumeInput(handle) == 1 else { return false }
        return PQstatus(handle) == CONNECTION_OK
    }

    /// Whether so much is on its way that results should be collected.
    var isFull: Bool {
        expected.count >= Self.mostStatements || bytes >= Self.mostBytes
    }

    /// Sends a statement without waiting for its result.
    func queue(_ text: String, _ values: [Value]) throws {
        guard !isLost else { throw PostgreSQLFailure.lost("the connection was lost") }
        parameters.set(values)
        bytes += text.utf8.count + parameters.byteCount
        guard Statements.keeps(text) else {
            let translated = Statements.translated(text, types: parameters.types)
            try sent(
                parameters.withArrays { types, pointers, lengths, formats in
                    PQsendQueryParams(
                        handle, translated, Int32(values.count), types, pointers, lengths, formats, 1)
                })
            expected.append(.statement)
            return
        }
        let name = try preparedName(text)
        try sent(
            parameters.withArrays { _, pointers, lengths, formats in
                PQsendQueryPrepared(handle, name, Int32(values.count), pointers, lengths, formats, 1)
            })
        expected.append(.statement)
    }

    /// The name of the prepared statement for `text` and the current parameters' types; prepares it if it is new.
    private func preparedName(_ text: String) throws -> String {
        let key = Statements.Key(text: text, types: parameters.types)
        if let name = statements.use(key) { return name }
        for old in statements.excess() {
            try sent(PQsendQueryParams(handle, "DEALLOCATE \(old)", 0, nil, nil, nil, nil, 1))
            expected.append(.forgotten(old))
        }
        let name = statements.add(key)
        let translated = Statements.translated(text, types: key.types)
        try sent(
            parameters.withArrays { types, _, _, _ in
                PQsendPrepare(handle, name, translated, Int32(key.types.count), types)
            })
        expected.append(.prepared(key))
        return name
    }

    private func sent(_ result: Int32) throws {
        guard result == 1 else { throw trouble(Self.message(of: handle)) }
    }

    /// Forgets all prepared statements, here and on the server.
    func forgetStatements() {
        statements = Statements(after: statements)
        guard !isLost else { return }
        try? queue("DEALLOCATE ALL", [])
        _ = try? collect()
    }

    /// The last statement has changed something that wakes nobody: it is not counted.
    func discountLast() { changes -= 1 }

    /// Waits for the results of everything that was queued, and returns the last.
    ///
    /// - Throws: the first error among them.
    func collect() throws -> QueryResult? {
        guard !isLost else { throw PostgreSQLFailure.lost("the connection was lost") }
        guard PQpipelineSync(handle) == 1 else { throw trouble(Self.message(of: handle)) }
        var last: QueryResult?
        var first: PostgreSQLFailure?
        for item in expected {
            var good = true
            last = try result()
            if let last, let failure = last.failure {
                good = false
                // After a failed statement, the rest of the pipeline is skipped and says so: that is not an error of
                // its own.
                if first == nil && !last.wasPassedOver { first = failure }
            } else if last?.hasChanged == true {
                changes += 1
            }
            switch item {
            case .prepared(let key): statements.settle(key, exists: good)
            case .forgotten(let name): if !good { statements.keepTrying(name) }
            case .statement: break
            }
        }
        expected.removeAll(keepingCapacity: true)
        bytes = 0
        try endOfPipeline()
        if let first { throw first }
        return last
    }

    /// The result of one statement. libpq ends each with a null.
    private func result() throws -> QueryResult {
        guard let pointer = PQgetResult(handle) else { throw lost() }
        let answer = QueryResult(pointer)
        if let failure = answer.failure, failure.endsConnection {
            isLost = true
            throw failure
        }
        while let more = PQgetResult(handle) {
            let extra = QueryResult(more)
            // If the connection breaks in the middle of a result, libpq reports that as one more result.
            if PQstatus(handle) == CONNECTION_BAD {
                isLost = true
                throw PostgreSQLFailure.lost(answer.failure?.words ?? extra.failure?.words ?? Self.message(of: handle))
            }
        }
        return answer
    }

    private func endOfPipeline() throws {
        guard let pointer = PQgetResult(handle) else { throw lost() }
        let answer = QueryResult(pointer)
        guard answer.status == PGRES_PIPELINE_SYNC else {
            isLost = true
            throw PostgreSQLFailure.lost(answer.failure?.words ?? "the server answered out of step")
        }
    }

    private func lost() -> PostgreSQLFailure {
        isLost = true
        return .lost(Self.message(of: handle))
    }

    private func trouble(_ message: String) -> PostgreSQLFailure {
        if PQstatus(handle) == CONNECTION_BAD {
            isLost = true
            return .lost(message)
        }
        return .statement(state: "HY000", message: message)
    }
}
