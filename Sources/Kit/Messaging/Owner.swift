/// A running program that works on a service's journal and checkpoints.
package struct Owner: Sendable, Hashable {
    /// In the distributed shape, one name per process; in the embedded shape, always the same name.
    package let name: String
    /// Whether no other program can work on this database (the lock on the data folder). Then its leases are taken at
    /// once and need no heartbeat.
    package let alone: Bool

    package init(name: String, alone: Bool) {
        precondition(!name.isEmpty, "an owner has a name")
        self.name = name
        self.alone = alone
    }

    /// The embedded shape: the program that holds the folder's lock.
    package static let embedded = Owner(name: "embedded", alone: true)
}
