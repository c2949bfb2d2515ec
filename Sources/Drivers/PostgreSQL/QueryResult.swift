import CLibPQ
import Foundation
import Storage

/// A result from libpq, freed together with this object.
final class QueryResult {
    private let handle: OpaquePointer?

    init(_ handle: OpaquePointer?) {
        self.handle = handle
    }

    deinit {
        PQclear(handle)
    }

    var status: ExecStatusType { PQresultStatus(handle) }

    /// True for a statement after a failed one in the pipeline: the server skipped it.
    var wasPassedOver: Bool { status == PGRES_PIPELINE_ABORTED }

    /// The error in it, if there is one.
    var failure: PostgreSQLFailure? {
        switch status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_PIPELINE_SYNC:
            return nil
        case PGRES_PIPELINE_ABORTED:
            return .statement(state: "25P02", message: "passed over after an error")
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            // Nothing here would send or read COPY data, so the connection is given up.
            return .lost("COPY cannot be run as a statement")
        default:
            break
        }
        // Without an SQLSTATE the error is libpq's own: the connection broke.
        guard let state = field(.state) else { return .lost(words) }
        let severity = field(.severity) ?? ""
        if severity == "FATAL" || severity == "PANIC" { return .lost("\(words) (\(state))") }
        return .statement(state: state, message: words)
    }

    private var words: String {
        let text = field(.message) ?? String(cString: PQresultErrorMessage(handle))
        let parts = [text.trimmingCharacters(in: .whitespacesAndNewlines), field(.detail)]
        return parts.compactMap { $0 }.joined(separator: ": ")
    }

    /// The `PG_DIAG_…` constants of the C header. They are characters there, so Swift does not import them.
    private enum Field: Unicode.Scalar {
        case severity = "V"
        case state = "C"
        case message = "M"
        case detail = "D"
    }

    private func field(_ field: Field) -> String? {
        PQresultErrorField(handle, Int32(field.rawValue.value)).map { String(cString: $0) }
    }

    /// The command tag: `COMMIT`, `INSERT 0 1`.
    var command: String { String(cString: PQcmdStatus(handle)) }

    /// Whether it has inserted, updated or deleted a row. Rows that were only locked or read do not count.
    var hasChanged: Bool {
        // Checks the first letter of INSERT, UPDATE and DELETE; other commands with these letters count no rows.
        switch UInt8(bitPattern: PQcmdStatus(handle)[0]) {
        case UInt8(ascii: "I"), UInt8(ascii: "U"), UInt8(ascii: "D"): changedRows > 0
        default: false
        }
    }

    var changedRows: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }

    /// - Throws: ``PostgreSQLFailure/decoding(_:)``.
    func rows() throws -> [Row] {
        let columns = PQnfields(handle)
        let types = (0..<columns).map { PQftype(handle, $0) }
        return try (0..<PQntuples(handle)).map { row in
            Row(
                values: try (0..<columns).map { column in
                    guard PQgetisnull(handle, row, column) == 0, let start = PQgetvalue(handle, row, column) else {
                        return .null
                    }
                    let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(handle, row, column)))
                    return try Columns.value(of: types[Int(column)], bytes)
                })
        }
    }
}

extension PostgreSQLFailure {
    /// The server's own message, without our interpretation of it.
    var words: String {
        switch self {
        case .statement(let state, let message): "\(message) (\(state))"
        case .lost(let message), .unknown(let message), .decoding(let message): message
        }
    }
}
