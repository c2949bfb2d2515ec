import Directory
import Messaging

/// What the Tracker does when people change: the list of the eligible follows the Directory, in the same transaction.
enum TrackerReactions {
    static let all: [Reaction] = Directory.reactions(onPerson: { person, transaction in
        try Eligible.update(person, in: transaction)
    })
}
