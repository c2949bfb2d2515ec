import Messaging

/// An event log that can close its connections.
package protocol ClosableLog: EventLog {
    func close()
}
