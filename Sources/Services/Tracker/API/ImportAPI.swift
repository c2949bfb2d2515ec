import Directory
import Schemas
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
            gives: ImportRun.resource.schema, bodyLimit: StartImport.largest
        ) { call, transaction in
            let id = try StartImport()(
                call.body[...], name: call.query("name") ?? "", by: call.person().id, call.environment,
                trace: call.trace, in: transaction)
            guard let run = try ImportRuns.one(id, in: transaction) else { throw Problem.notFound }
            return .created(run, as: ImportRun.resource, at: "/api/imports/\(id)")
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
        .list(
            "/api/imports", "Imports, newest first", access: Self.access, of: ImportRun.resource
        ) { call, transaction in
            try call.page(by: \.position) { try ImportRuns.list(before: $0, limit: $1, in: transaction) }
        }
    }

    private var one: Endpoint {
        .read(
            "/api/imports/{import}", "An import and how far it is", access: Self.access, gives: ImportRun.resource
        ) { call, transaction in try ImportRuns.one(call.id("import"), in: transaction) }
    }

    private var stop: Endpoint {
        .command(
            .put, "/api/imports/{import}/stop", "Stop an import where it is; the tasks that it has made stay",
            access: Self.access, gives: ImportRun.resource, idempotent: false
        ) { call, transaction in
            let id = try call.id("import")
            try EndImport.stop(id, by: call.person().id, call.environment, in: transaction)
            guard let run = try ImportRuns.one(id, in: transaction) else { throw Problem.notFound }
            return run
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

extension ImportRun {
    /// An import, as programs see it.
    static let resource = Resource<ImportRun>("Import") {
        Field("id", \.id, "The import")
        Field("name", \.name, "What the file is called")
        Field(
            "state", \.state.word, .choice(["people", "tasks", "done", "stopped", "failed"]),
            "First people are made known, then tasks are made; stopped by an admin, or failed")
        Field("started_by", \.startedBy, "Who imports")
        Field("started_at", \.startedAt, "When the file came")
        Field("ended_at", \.endedAt, "When it ended")
        Field("size", \.size, "Bytes of the file")
        Field("reached", \.place.offset, "Bytes worked off in this state")
        Field("lines", \.lines, "Lines worked off")
        Field("created", \.created, "Tasks made")
        Field("repeated", \.repeated, "Lines whose task was there already")
        Field("rejected", \.rejected, "Lines that broke a rule")
        Field("trouble", \.trouble, "Why it has failed")
    }
}
