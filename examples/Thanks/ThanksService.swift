import Contracts
import Directory
import Messaging
import Schemas
import ServiceKit
import Storage
import Web

/// Thanks: anyone on the staff can thank the person who did a task.
///
/// - Owns: who did which task, and who thanked whom.
/// - Listens to: Tracker's completions, Identity's people.
/// - Publishes: `thanks-given`.
/// - Serves: thanks, as JSON and as a page.
package struct ThanksService: ServiceModule {
    package static let name = "thanks"
    package static let settings = ThanksSettings()
    package static let publishes: [any Contract.Type] = [ThanksGiven.self]

    package let journal: Journal
    private let give: GiveThanks

    package init(_ parts: ServiceParts) throws {
        journal = Journal(topic: .thanks, codes: parts.codes)
        give = GiveThanks(journal: journal, longest: try parts.setting(Self.settings.longest))
    }

    package let migrations = [Migration(1, "done tasks, thanks", ThanksSchema.first)]

    package var reactions: [Reaction] {
        Directory.reactions() + [Reaction(to: TaskCompleted.self) { try DoneTask.note($0, in: $2) }]
    }

    package var endpoints: [Endpoint] { ThanksAPI(give: give).endpoints + ThanksPages(give: give).endpoints }

    package let pages = PageSet(
        templates: ["thanks/list": PackageResources.list_mustache], english: PackageResources.en_json,
        russian: PackageResources.ru_json)

    package let navigation = [NavigationItem(title: "thanks.title", path: "/thanks", access: .staff, order: 140)]

    package let checks = [ThanksCheck.check]
}

package struct ThanksSettings: SettingGroup {
    let longest = Setting.whole(
        "thanks-length", standard: 200, 1...2000, "How many characters thanks may have",
        mustBe: "a number from 1 to 2000")
}
