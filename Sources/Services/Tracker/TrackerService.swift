import Contracts
import Directory
import Hosting
import Messaging
import Storage
import Values
import Web

/// The Tracker: tasks, whom they are dealt to, and their completion (X10 to X19).
///
/// - Owns: tasks and their history, the list of who is eligible, reassignments, imports.
/// - Listens to: Identity's people.
/// - Publishes: `task-created`, `task-reassigned`, `task-completed` (X51).
/// - Serves: tasks, reassignments, imports and the eligible (X53), and the pages of daily work.
/// - Schedules: reassignments and imports, and after an upgrade the words of older tasks, in slices.
package struct TrackerService: Service {
    /// Makes sure that these people exist and says who they are: asked for the names in an imported file (X19), outside
    /// the Tracker's transactions, and again after a crash.
    package typealias RegisterMissing =
        @Sendable (_ names: [String], _ trace: String, _ environment: Environment) throws -> [String: ID]

    package let name = "tracker"
    package let journal: Journal
    package let migrations = TrackerSchema.migrations
    let registerMissing: RegisterMissing

    /// `olderEvents` are written too, beside the newest versions: see ``Journal/alsoAs``.
    package init(codes: EventCodes, olderEvents: Set<String> = [], registerMissing: @escaping RegisterMissing) {
        journal = Journal(topic: .tracker, codes: codes, alsoAs: olderEvents)
        self.registerMissing = registerMissing
    }

    package var reactions: [Reaction] { TrackerReactions.all }

    package let scope = Scope.tasks

    package var endpoints: [Endpoint] {
        TaskAPI(create: create, complete: complete).endpoints
            + ReassignmentAPI(reassignAll: reassignAll).endpoints + ImportAPI().endpoints
            + TaskPages(complete: complete).endpoints + NewTaskPages(create: create).endpoints
            + ReassignPages(reassignAll: reassignAll).endpoints + ImportPages().endpoints
    }

    package var pages: PageSet { TrackerPages.set }
    package var navigation: [NavigationItem] { TrackerPages.navigation }

    package var jobs: [Job] {
        [
            Job("reassign", every: 1) { [reassignAll] database, environment in
                try reassignAll.step(database, environment) ? .more : .idle
            },
            Job("import", every: 1) { [importJob] database, environment in
                try importJob.step(database, environment)
            },
            Job("search", every: 60) { database, environment in
                try SearchJob().step(database, environment)
            },
        ]
    }

    package var checks: [Check] { TrackerChecks.all }

    var create: CreateTasks { CreateTasks(journal: journal) }
    var complete: CompleteTask { CompleteTask(journal: journal) }
    var importJob: ImportJob { ImportJob(create: create, registerMissing: registerMissing) }
    var reassignAll: ReassignAll { ReassignAll(journal: journal) }
}
