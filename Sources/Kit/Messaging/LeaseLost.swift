/// Another owner has taken over. The current transaction is rolled back.
package struct LeaseLost: Error, CustomStringConvertible {
    package let name: String
    package var description: String { "another program has taken over: \(name)" }
}
