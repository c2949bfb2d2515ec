/// A row of a result. Columns are read by position, in the order of the SELECT:
///
///     let name: String = try row(0)
package struct Row: Sendable {
    package let values: [Value]

    package init(values: [Value]) {
        self.values = values
    }

    /// - Throws: ``StorageError/decoding(_:)`` for a missing column or another type.
    package func callAsFunction<T: Storable>(_ column: Int, as type: T.Type = T.self) throws -> T {
        guard values.indices.contains(column) else {
            throw StorageError.decoding("column \(column) of \(values.count) was asked for")
        }
        return try T.restored(from: values[column])
    }
}
