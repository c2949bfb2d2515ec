import Values

/// The data in the examples of events: a few people, their installation and a moment. `Contracts` adds a task and a day.
package enum Examples {
    package static let emma = ID(high: 0x0199_5e1c_8000_7002, low: 0x8000_0000_0000_0002)
    package static let leo = ID(high: 0x0199_5e1c_8000_7003, low: 0x8000_0000_0000_0003)
    package static let abe = ID(high: 0x0199_5e1c_8000_7004, low: 0x8000_0000_0000_0004)
    package static let installation = ID(high: 0x0199_5e1c_8000_7005, low: 0x8000_0000_0000_0005)
    package static let other = ID(high: 0x0199_5e1c_8000_7006, low: 0x8000_0000_0000_0006)
    /// 2026-03-02T09:00:00Z
    package static let time = Instant(seconds: 1_772_442_000)
    package static let person = Person(
        id: emma, name: "Emma", email: "emma@popug.example", roles: [Role.employee], active: true)
}
