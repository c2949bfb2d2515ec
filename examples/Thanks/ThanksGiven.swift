import Messaging
import Schemas
import Values

extension Topic {
    package static let thanks = Topic("thanks")
}

/// Somebody has thanked a person for a task.
package struct ThanksGiven: Contract {
    package static let topic = Topic.thanks
    package static let name = "thanks-given"
    package static let version = 1
    package static let about = "Somebody has thanked a person for a task"
    package static let keyField = "person"

    package let task: ID
    package let person: ID
    package let by: ID
    package let words: String
    package let time: Instant
    package var key: ID { person }

    package static let shape = Shape("ThanksGiven", ThanksGiven.init) {
        Field("task", \.task, "What for")
        Field("person", \.person, "Who did it; the event's key")
        Field("by", \.by, "Who says thanks")
        Field("words", \.words, "How", isPersonal: true)
        Field("time", \.time, "When")
    }

    package static var example: ThanksGiven {
        ThanksGiven(
            task: ID(high: 0x0199_5e1c_8000_7001, low: 0x8000_0000_0000_0001),
            person: ID(high: 0x0199_5e1c_8000_7002, low: 0x8000_0000_0000_0002),
            by: ID(high: 0x0199_5e1c_8000_7003, low: 0x8000_0000_0000_0003), words: "You saved my day",
            time: Instant(seconds: 1_772_442_000))
    }
}
