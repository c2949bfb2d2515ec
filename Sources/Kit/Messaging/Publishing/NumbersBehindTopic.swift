/// The service's numbers are behind its own topic in the event log: its database was put back to an older backup, and
/// would assign numbers a second time. It must not start.
package struct NumbersBehindTopic: Error, CustomStringConvertible {
    package let topic: Topic
    package let partition: Int
    package let numbered: Int64
    package let tail: Int64

    package var description: String {
        """
        the data of \(topic) is older than its events: its journal has numbered \(numbered) events of partition \
        \(partition), and the event log already holds \(tail). It was probably restored from an older backup alone. \
        Restore the whole data folder (all services and the event log) from one backup, or put the newer data of \
        \(topic) back; \(topic) does not start as it is
        """
    }
}
