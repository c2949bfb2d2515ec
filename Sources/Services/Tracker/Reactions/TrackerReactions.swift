import Contracts
import Directory
import Messaging

/// What the Tracker does when people change: the list of the eligible follows the Directory.
enum TrackerReactions {
    static let all: [Reaction] = []
}
