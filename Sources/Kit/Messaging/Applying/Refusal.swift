import Values

/// Something that looks like an event but has no valid code.
package struct Refusal: Hashable, Sendable, CustomStringConvertible {
    package enum Place: String, Sendable {
        case log = "the event log"
        case journal = "the journal"
        case parked = "the parked events"
    }

    let place: Place
    let topic: String
    let partition: Int
    let number: Int64
    let id: ID
    let name: String

    package var description: String {
        "\(name) \(id), partition \(partition), number \(number), in \(place.rawValue) of \(topic)"
    }
}
