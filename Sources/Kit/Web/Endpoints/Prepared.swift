import Storage

/// What the runner read from the body, and the results of ``Endpoint/before``, for `run`, each by its type.
package struct Prepared: Sendable {
    private var values: [ObjectIdentifier: any Sendable] = [:]

    package init() {}

    package subscript<T: Sendable>(_ type: T.Type) -> T? {
        get { values[ObjectIdentifier(type)] as? T }
        set { values[ObjectIdentifier(type)] = newValue }
    }
}

extension Call {
    /// The body that the endpoint takes (``Shaped``), or the result of ``Endpoint/asking(_:)``.
    package func found<T: Sendable>(_ type: T.Type = T.self) throws -> T {
        guard let found = prepared[type] else { throw StorageError.failed("nothing was asked for \(location)") }
        return found
    }
}
