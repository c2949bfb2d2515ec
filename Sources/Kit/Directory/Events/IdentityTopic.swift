import Messaging
import Values

extension Topic {
    /// The topic with the events about people.
    package static let identity = Topic("identity")
}
