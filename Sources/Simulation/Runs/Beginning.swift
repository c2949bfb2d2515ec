import Messaging
import Values

/// The state of a run once its company exists and before anything goes wrong. The program is not part of it: each run
/// starts a new one. All runs of a sweep share the beginning, which is a third of the time that each would take.
struct Beginning: Sendable {
    let world: World.Kept
    let model: AuditModel
    let desk: Workload.Kept
    let dice: Dice
}

extension RunPlan {
    /// Makes the beginning once, for all runs of this plan, whatever else is changed in it except the seed and the
    /// company.
    /// - Throws: the finding of a run that cannot begin.
    package mutating func keepBeginning() throws {
        beginning = try Run.beginning(self)
    }
}

extension World {
    /// The state to keep. Nothing has been paid yet, and nothing imported.
    struct Kept: Sendable {
        let disks: [String: Disk.Content]
        let log: [Topic: [[Envelope]]]
        let clock: Clock
        let chance: Dice
        let faults: Dice
        let marks: Marks
        let mail: [ID: Int]
        let links: [MailedLink]
    }

    func kept() throws -> Kept {
        Kept(
            disks: try contents(), log: log.contents, clock: clock, chance: chance, faults: faults, marks: marks,
            mail: mail.taken, links: mail.links)
    }

    func take(_ kept: Kept) {
        log.contents = kept.log
        clock = kept.clock
        chance = kept.chance
        faults = kept.faults
        marks = kept.marks
        mail.take(kept.mail, kept.links)
    }
}
