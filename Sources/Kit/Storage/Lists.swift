// Statements are prepared once for each text. A list of any length in `IN (…)` would make a text for each length. So
// lists are cut into parts, and each part is filled up to one of a few lengths.

extension SQL {
    /// A part of a list, for `IN (\(list: part))`: so many places that few texts of statements exist. The places that
    /// are left over hold its last element again, which changes nothing within `IN`.
    package struct Part<Element: Storable>: Sendable {
        let elements: ArraySlice<Element>

        /// - Parameter elements: at least one, and at most ``SQL/longestPart``.
        fileprivate init(_ elements: ArraySlice<Element>) {
            self.elements = elements
        }

        /// How many values are bound.
        var places: Int {
            switch elements.count {
            case ...1: 1
            case ...16: 16
            case ...128: 128
            default: SQL.longestPart
            }
        }
    }

    /// The most values that a part binds. SQLite takes 32,766 in a statement, PostgreSQL 65,535.
    package static let longestPart = 512

    /// The list in parts, in its order; an empty list has none. For what ``Transaction/fetch(in:_:)`` is not enough.
    package static func parts<Element: Storable>(of list: [Element]) -> [Part<Element>] {
        stride(from: 0, to: list.count, by: longestPart).map { start in
            Part(list[start..<min(start + longestPart, list.count)])
        }
    }
}

/// Statements with a list of any length, which run once for each part of it:
///
///     try transaction.fetch(in: ids) { "SELECT id, name FROM person WHERE id IN (\(list: $0))" }
///
/// No statement runs for an empty list. The rows come in the order of the parts, so where the list is sorted as
/// `ORDER BY` sorts, all of them are sorted. What a statement says of the whole list is true of one part only:
///
/// - An element that stands in the list twice may give its rows twice.
/// - `NOT IN` would find what stands in another part. Bind the whole list instead.
/// - A `LIMIT` cuts each part by itself. Leave it out where an element has one row.
extension Transaction {
    /// All rows that the statement gives for the parts of `list`.
    package func fetch<Element: Storable>(
        in list: [Element], _ statement: (SQL.Part<Element>) -> SQL
    ) throws -> [Row] {
        try rows(in: list) { try fetch(statement($0)) }
    }

    /// Locks the rows, as ``fetchLocking(_:)``. Sort the list, and let the statement have an `ORDER BY`, so that two
    /// transactions lock in one order: the first orders the parts, the second the rows of each.
    package func fetchLocking<Element: Storable>(
        in list: [Element], _ statement: (SQL.Part<Element>) -> SQL
    ) throws -> [Row] {
        try rows(in: list) { try fetchLocking(statement($0)) }
    }

    /// Shares the rows' locks, as ``fetchSharing(_:)``, in one order like ``fetchLocking(in:_:)``.
    package func fetchSharing<Element: Storable>(
        in list: [Element], _ statement: (SQL.Part<Element>) -> SQL
    ) throws -> [Row] {
        try rows(in: list) { try fetchSharing(statement($0)) }
    }

    private func rows<Element: Storable>(
        in list: [Element], _ fetch: (SQL.Part<Element>) throws -> [Row]
    ) throws -> [Row] {
        // Nearly every list has one part, and its rows are not copied.
        guard list.count > SQL.longestPart else { return list.isEmpty ? [] : try fetch(SQL.Part(list[...])) }
        return try SQL.parts(of: list).flatMap(fetch)
    }
}
