/// Compares two collections without keeping them: whether both hold the same elements, each equally often, in any
/// order. It keeps the count and a combination of the hashes. Valid only within one run of the program.
package struct MultisetDigest: Hashable, Sendable {
    package private(set) var count: Int64 = 0
    private var exclusive = 0
    private var sum = 0

    package init() {}

    package mutating func add(_ thing: some Hashable) {
        let hash = thing.hashValue
        count += 1
        exclusive ^= hash
        sum &+= hash
    }
}
