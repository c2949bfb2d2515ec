import Contracts
import Messaging
import ServiceKit

package struct TrackerSettings: SettingGroup {
    let olderEvents = Setting(
        "older-events", standard: "",
        "Older event versions to publish too, for programs that still read them, such as task-created.1"
    ) { text -> Set<String> in
        let (given, known) = (SettingText.list(text), TaskCreated.older.map(\.type))
        guard given.allSatisfy(known.contains) else {
            throw SettingError("older-events may name: \(known.sorted().joined(separator: ", "))")
        }
        return Set(given)
    }
}
