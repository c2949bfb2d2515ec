import Contracts
import Directory
import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web

/// The Tracker: tasks, their assignees, and their completion (X10 to X19).
///
/// - Owns: tasks and their history, the list of eligible people, reassignments, imports.
/// - Listens to: Identity's people.
/// - Publishes: `task-created`, `task-reassigned`, `task-completed` (X51).
/// - Serves: tasks, reassignments, imports and the eligible people (X53), and the pages of daily work.
/// - Asks: Identity about the people named in an imported file (X19).
/// - Schedules: reassignments and imports, and after an upgrade the search words of older tasks, in slices.
package struct TrackerService: ServiceModule {
    package static let name = "tracker"
    package static let settings = TrackerSettings()
    package static let deployment = Deployment(processes: 2)
    package static let publishes: [any Contract.Type] = [
        TaskCreated.self, TaskCreatedV1.self, TaskReassigned.self, TaskCompleted.self,
    ]
    package let journal: Journal
    package let migrations = TrackerSchema.migrations
    let asker: any Asker

    package init(_ parts: ServiceParts) throws {
        self.init(
            codes: parts.codes, olderEvents: try parts.setting(TrackerService.settings.olderEvents), asker: parts.asker)
    }

    /// `olderEvents` are written beside the newest versions: see ``Journal/alsoAs``.
    package init(codes: EventCodes, olderEvents: Set<String> = [], asker: any Asker) {
        journal = Journal(topic: .tracker, codes: codes, alsoAs: olderEvents)
        self.asker = asker
    }

    package var reactions: [Reaction] { TrackerReactions.all }

    package let scope = Scope.tasks

    package var endpoints: [Endpoint] {
        TaskAPI(create: create, complete: complete).endpoints
            + ReassignmentAPI(reassignAll: reassignAll).endpoints + ImportAPI().endpoints
            + TaskPages(complete: complete).endpoints + NewTaskPages(create: create).endpoints
            + ReassignPages(reassignAll: reassignAll).endpoints + ImportPages().endpoints
            + FoundTasks().endpoints
    }

    package var pages: PageSet { TrackerPages.set }
    package var navigation: [NavigationItem] { TrackerPages.navigation }
    package var search: [String] { [FoundTasks.path] }

    package var jobs: [Job] {
        [
            Job("reassign", wakes: .commits(orEvery: 1)) { [reassignAll] database, environment in
                try reassignAll.step(database, environment) ? .more : .idle
            },
            Job("import", wakes: .commits(orEvery: 1)) { [importJob] database, environment in
                try importJob.step(database, environment)
            },
            Job("search", wakes: .every(60)) { database, environment in
                try SearchJob().step(database, environment)
            },
        ]
    }

    package var checks: [Check] { TrackerChecks.all }

    var create: CreateTasks { CreateTasks(journal: journal) }
    var complete: CompleteTask { CompleteTask(journal: journal) }
    var importJob: ImportJob { ImportJob(create: create, asker: asker) }
    var reassignAll: ReassignAll { ReassignAll(journal: journal) }
}
