import Composition
import Foundation
import Identity
import Logging
import Messaging
import SQLiteDriver
import Storage
import Values

/// What outlives the program: the disks, the event log, the clock; and chance, which decides what goes wrong. All of it
/// from one seed.
// Unchecked: a run is one thread's doing. Everything in it is called from ``Run``'s loop: the databases are inline and
// run each body on the thread that calls, the log and the clock have no threads, and hosts are stepped, never started.
final class World: @unchecked Sendable {
    let plan: RunPlan
    let company: Company
    private(set) var rates: FaultPlan
    var faults: Dice
    var chance: Dice
    var marks = Marks()
    private var record = Digest()

    private(set) var disks: [String: SQLiteDatabase] = [:]
    private(set) lazy var log = SimulatedLog(world: self)
    private(set) var life = Life()
    /// Faults strike only while this holds: not at set-up, not while the auditor looks, not at the end.
    var isArmed = false
    /// The service whose database a body runs on just now.
    var working: String?
    /// The services whose disks are full, until the step.
    var fullUntil: [String: Int] = [:]
    var logAwayUntil = 0
    var step = 0
    /// How often a fault has struck, an outage included: what fails although none has is no matter of faults.
    private(set) var struck = 0

    private var now: Instant
    private var uptime: Int64 = 0
    private var lastID: (milliseconds: Int64, count: UInt64) = (0, 0)
    private static let secret = [UInt8](repeating: 0x42, count: 32)
    static let admin = (name: "Ada Admin", email: "ada@example.com", password: "correct horse battery")

    init(_ plan: RunPlan) throws {
        self.plan = plan
        var setting = Dice(seed: plan.seed, stream: 1)
        company = Setting.company(&setting)
        now = Setting.start(&setting)
        rates = FaultPlan(&setting, without: plan.withoutFaults)
        faults = Dice(seed: plan.seed, stream: 2)
        chance = Dice(seed: plan.seed, stream: 3)
        for name in Exchange.names {
            disks[name] = try SQLiteDatabase.inline(name: name, faults: hook(name))
        }
    }

    func disk(_ name: String) throws -> SQLiteDatabase {
        guard let disk = disks[name] else { throw StorageError.unavailable("no disk of \(name)") }
        return disk
    }

    // MARK: The program

    /// Starts the program over the disks, as they are.
    func start() throws -> Exchange {
        life = Life()
        let life = life
        var parts = Exchange.Parts(
            company: company, environment: environment, secret: World.secret,
            database: { [self] name in
                NodeDatabase(plan.variant.database(try disk(name)), world: self, life: life)
            }, log: plan.variant.log(log),
            logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }))
        parts.identity = .quick
        parts.around = { [self] in Poisoned.around(plan.variant.service($0), self) }
        parts.lasting = try Shared.lasting(parts)
        return try Exchange(parts)
    }

    /// Ends the program's life; throw what it returns.
    func crash() -> Crash {
        life.isOver = true
        return Crash()
    }

    // MARK: The clock

    var time: Instant { now }

    func advance(milliseconds: Int64) {
        now = now.adding(milliseconds: milliseconds)
        uptime += max(0, milliseconds)
    }

    var environment: Environment {
        Environment(
            now: { self.now }, uptime: { self.uptime }, random: { self.chance.next() }, newID: { self.newID() })
    }

    private func newID() -> ID {
        if now.milliseconds > lastID.milliseconds {
            lastID = (now.milliseconds, 0)
        } else if lastID.count < 0xFFF {
            lastID.count += 1
        } else {
            lastID = (lastID.milliseconds + 1, 0)
        }
        return ID(milliseconds: lastID.milliseconds, random: (lastID.count, chance.next()))
    }

    // MARK: What goes wrong

    /// Whether a fault strikes here and now.
    func strikes(_ fault: Fault) -> Bool {
        guard isArmed, !life.isOver, rates[fault] > 0, faults.chance(rates[fault]) else { return false }
        struck += 1
        marks.reach("fault: \(fault.name)")
        return true
    }

    /// Notes a failure that comes from something that went wrong earlier.
    func strike() { struck += 1 }

    private func hook(_ service: String) -> FaultHook {
        { [unowned self] point in try reach(point, of: service) }
    }

    private func reach(_ point: FaultPoint, of service: String) throws {
        guard isArmed else { return }
        if life.isOver { throw Crash() }
        switch point {
        case .statement:
            if strikes(.crashAtStatement) { throw crash() }
        case .beforeCommit:
            if strikes(.crashBeforeCommit) { throw crash() }
            if fullUntil[service, default: 0] > step {
                strike()
                throw StorageError.full("the disk of \(service)")
            }
            if strikes(.lostCommit) { throw StorageError.unavailable("the commit did not happen") }
        case .afterCommit:
            if strikes(.crashAfterCommit) { throw crash() }
            if strikes(.lostCommitAnswer) { throw StorageError.unavailable("the commit's answer was lost") }
        }
    }

    func reachLog(_ what: String, _ topic: Topic) throws {
        if plan.digests { record.add("\(what) \(topic)") }
        if life.isOver { throw Crash() }
        if isArmed, logAwayUntil > step {
            strike()
            throw StorageError.unavailable("the log is away")
        }
    }

    // MARK: Copies

    /// All databases and the log at one moment.
    struct Copy {
        let disks: [String: SQLiteDatabase]
        let log: [Topic: [[Envelope]]]
    }

    func copy() throws -> Copy {
        var copies: [String: SQLiteDatabase] = [:]
        for name in Exchange.names { copies[name] = try disk(name).inlineCopy() }
        return Copy(disks: copies, log: log.contents)
    }

    /// Puts everything back; the program must be over.
    func restore(_ copy: Copy) throws {
        for name in Exchange.names {
            try disk(name).close()
            disks[name] = try copy.disks[name]?.inlineCopy(faults: hook(name))
        }
        log.contents = copy.log
    }

    // MARK: The digest

    var digest: UInt64 { record.value }

    func digest(statement text: String, _ values: [Value]) {
        record.add(text)
        for value in values {
            switch value {
            case .null: record.add(byte: 0)
            case .integer(let number): record.add(number)
            case .text(let text): record.add(text)
            case .blob(let bytes): record.add(bytes)
            case .id(let id): record.add(id.bytes)
            }
        }
    }

    func digest(_ envelope: Envelope) {
        guard plan.digests else { return }
        record.add(envelope.id.bytes)
        record.add(envelope.number)
    }

    func digest<T>(outcome: Result<T, any Error>) {
        guard plan.digests else { return }
        if case .failure(let error) = outcome { record.add("\(error)") } else { record.add(byte: 1) }
    }

    func digest(text: String) {
        if plan.digests { record.add(text) }
    }

    func digest(answer status: Int, _ body: [UInt8]) {
        guard plan.digests else { return }
        record.add(Int64(status))
        record.add(body)
    }
}
