import Messaging
import Values

/// How a run stands once its company is there and before anything goes wrong. The program is no part of it: it is started
/// anew in each run. All runs of a sweep have theirs in common, which is a third of what each would take.
struct Beginning: Sendable {
    let world: World.Kept
    let model: Model
    let desk: Desk.Kept
    let dice: Dice
}

extension RunPlan {
    /// Makes the beginning once, for all runs of this plan: whatever else is changed in it but the seed and the company.
    /// - Throws: what a run finds that can't begin.
    package mutating func keepBeginning() throws {
        beginning = try Run.beginning(self)
    }
}

extension World {
    /// What is kept of it. Nothing has been paid yet, and nothing imported.
    struct Kept: Sendable {
        let disks: [String: Disk.Content]
        let log: [Topic: [[Envelope]]]
        let clock: Clock
        let chance: Dice
        let faults: Dice
        let marks: Marks
        let mail: [ID: Int]
    }

    func kept() throws -> Kept {
        Kept(
            disks: try contents(), log: log.contents, clock: clock, chance: chance, faults: faults, marks: marks,
            mail: mail.taken)
    }

    func take(_ kept: Kept) {
        log.contents = kept.log
        clock = kept.clock
        chance = kept.chance
        faults = kept.faults
        marks = kept.marks
        mail.take(kept.mail)
    }
}
