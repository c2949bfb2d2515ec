import Directory
import Storage
import Values
import Web

/// Imports for programs (X19).
struct ImportAPI {
    static let access = Endpoint.Access.holding([Role.admin])

    var endpoints: [Endpoint] { [start, list, one, stop, rejects] }

    private var start: Endpoint {
        var endpoint = Endpoint.command(
            .post, "/api/imports", "Import a file of work: the body is the file, CSV or JSON Lines",
            access: Self.access,
            gives: ImportView.schema, bodyLimit: StartImport.largest
        ) { call, transaction in
            let id = try StartImport()(
                call.body[...], name: call.query("name") ?? "", by: call.person().id, call.environment,
                trace: call.trace, in: transaction)
            guard let run = try ImportRuns.one(id, in: transaction) else { throw Problem.notFound }
            return try .created(ImportView(run), at: "/api/imports/\(id)")
        }
        endpoint.details = """
            A CSV has a header with created_at, created_by and title, and may have jira_id and description; a line of \
            JSON Lines is an object with the same names. The file is worked off afterwards: ask for the import to see \
            how far it is. Importing the same file again creates nothing twice.
            """
        endpoint.query = [Parameter("name", .text(0...200), "What the file is called")]
        return endpoint
    }

    private var list: Endpoint {
        .read(
            "/api/imports", "Imports, newest first", access: Self.access, query: [.cursor, .limit],
            gives: .page(of: ImportView.schema)
        ) { call, transaction in
            let (items, next) = try ImportRuns.page(before: call.position(), limit: call.limit(), in: transaction)
            return try .json(ListPage(items: items.map(ImportView.init), next: next.map(Call.cursor(at:))))
        }
    }

    private var one: Endpoint {
        .read("/api/imports/{import}", "An import and how far it is", access: Self.access, gives: ImportView.schema) {
            call, transaction in
            guard let run = try ImportRuns.one(call.id("import"), in: transaction) else { throw Problem.notFound }
            return try .json(ImportView(run))
        }
    }

    private var stop: Endpoint {
        .command(
            .put, "/api/imports/{import}/stop", "Stop an import where it is; the tasks that it has made stay",
            access: Self.access, gives: ImportView.schema, idempotent: false
        ) { call, transaction in
            let id = try call.id("import")
            try EndImport.stop(id, by: call.person().id, call.environment, in: transaction)
            guard let run = try ImportRuns.one(id, in: transaction) else { throw Problem.notFound }
            return try .json(ImportView(run))
        }
    }

    private var rejects: Endpoint {
        .read(
            "/api/imports/{import}/rejects", "The lines that broke a rule, as CSV: line, reason, content",
            access: Self.access, gives: .string, run: Self.rejectsFile)
    }

    @Sendable static func rejectsFile(_ call: Call, _ transaction: any Transaction) throws -> Answer {
        guard let run = try ImportRuns.one(call.id("import"), in: transaction) else { throw Problem.notFound }
        return .csv(try ImportRuns.rejectsFile(of: run, in: transaction), name: "rejects-\(run.position).csv")
    }
}

/// An import as JSON.
struct ImportView: Encodable, Sendable {
    let id: ID
    let name: String
    let state: String
    let started_by: ID
    let started_at: Instant
    let ended_at: Instant?
    let size: Int
    let reached: Int
    let lines: Int
    let created: Int
    let repeated: Int
    let rejected: Int
    let trouble: String?

    init(_ run: ImportRun) {
        id = run.id
        name = run.name
        state = run.state.word
        started_by = run.startedBy
        started_at = run.startedAt
        ended_at = run.endedAt
        size = run.size
        reached = run.place.offset
        lines = run.lines
        created = run.created
        repeated = run.repeated
        rejected = run.rejected
        trouble = run.trouble
    }

    static let schema = Schema.object(
        "Import",
        [
            .init("id", .id, "The import"),
            .init("name", .string, "What the file is called"),
            .init(
                "state", .choice(["people", "tasks", "done", "stopped", "failed"]),
                "First people are made known, then tasks are made; stopped by an admin, or failed"),
            .init("started_by", .id, "Who imports"),
            .init("started_at", .instant, "When the file came"),
            .init("ended_at", .optional(.instant), "When it ended"),
            .init("size", .integer(0...Int64.max), "Bytes of the file"),
            .init("reached", .integer(0...Int64.max), "Bytes worked off in this state"),
            .init("lines", .integer(0...Int64.max), "Lines worked off"),
            .init("created", .integer(0...Int64.max), "Tasks made"),
            .init("repeated", .integer(0...Int64.max), "Lines whose task was there already"),
            .init("rejected", .integer(0...Int64.max), "Lines that broke a rule"),
            .init("trouble", .optional(.string), "Why it has failed"),
        ])
}
