import Directory
import Messaging

/// When a person changes, updates the list of eligible people in the same transaction as the Directory.
enum TrackerReactions {
    static let all: [Reaction] = Directory.reactions(onPerson: { person, transaction in
        try Eligible.update(person, in: transaction)
    })
}
