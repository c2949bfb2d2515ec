import Directory
import Values

/// A task, its day and a third thing, beside the people whom the Directory's examples name.
extension Examples {
    static let task = ID(high: 0x0199_5e1c_8000_7001, low: 0x8000_0000_0000_0001)
    static let another = ID(high: 0x0199_5e1c_8000_7007, low: 0x8000_0000_0000_0007)
    static let day = Day(number: 20_514)
}
