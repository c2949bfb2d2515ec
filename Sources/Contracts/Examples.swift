import Values

/// The data in the examples of events: one task, its people and its day.
enum Examples {
    static let task = ID(high: 0x0199_5e1c_8000_7001, low: 0x8000_0000_0000_0001)
    static let emma = ID(high: 0x0199_5e1c_8000_7002, low: 0x8000_0000_0000_0002)
    static let leo = ID(high: 0x0199_5e1c_8000_7003, low: 0x8000_0000_0000_0003)
    static let abe = ID(high: 0x0199_5e1c_8000_7004, low: 0x8000_0000_0000_0004)
    static let installation = ID(high: 0x0199_5e1c_8000_7005, low: 0x8000_0000_0000_0005)
    static let other = ID(high: 0x0199_5e1c_8000_7006, low: 0x8000_0000_0000_0006)
    static let another = ID(high: 0x0199_5e1c_8000_7007, low: 0x8000_0000_0000_0007)
    /// 2026-03-02T09:00:00Z
    static let time = Instant(seconds: 1_772_442_000)
    static let day = Day(number: 20_514)
}
