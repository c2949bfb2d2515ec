/// Tells whether two collections hold the same things, each as often, in whatever order, without holding them: how many
/// there are, and what their hashes give together. Good within one run of the program.
package struct Tally: Hashable, Sendable {
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
