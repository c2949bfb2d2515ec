/// The data of an event does not match its type. The event is parked.
package struct UnreadableEvent: Error, CustomStringConvertible {
    package let reason: String
    package init(reason: String) { self.reason = reason }
    package var description: String { "unreadable event: \(reason)" }
}
