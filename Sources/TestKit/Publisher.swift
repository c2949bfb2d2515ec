import Messaging
import ServiceKit
import Storage

/// A service that only publishes.
package struct Publisher: Service {
    package let name: String
    package let journal: Journal
    package let migrations: [Migration] = []

    package init(_ topic: Topic) {
        name = topic.name
        journal = Journal(topic: topic)
    }
}
