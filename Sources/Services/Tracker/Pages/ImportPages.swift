import Directory
import Storage
import Values
import Web

/// Importing a file of work (X19).
struct ImportPages {
    var endpoints: [Endpoint] { [page, upload, askToStop, stop, rejects] }

    private var page: Endpoint {
        .page("/import", "Import a file of work, with its progress", access: ImportAPI.access) { call, transaction in
            try Self.page(call, in: transaction)
        }
    }

    private var upload: Endpoint {
        .form(
            "/import", "Import a file", access: ImportAPI.access, bodyLimit: StartImport.largest + 64 * 1024,
            again: { call, _, transaction in try Self.page(call, in: transaction) }
        ) { call, transaction in
            let id = try StartImport()(
                call.body[...], name: call.field("file.filename"), by: call.person().id, call.environment,
                trace: call.trace, in: transaction)
            let name = try ImportRuns.one(id, in: transaction)?.name ?? ""
            return .redirect(to: "/import").saying("tracker.notice.import", ["name": name])
        }
    }

    private var askToStop: Endpoint {
        .page("/import/{import}/stop/confirm", "What stopping an import does", access: ImportAPI.access) {
            call, transaction in
            guard let run = try ImportRuns.one(call.id("import"), in: transaction) else { throw Problem.notFound }
            guard !run.state.isOver else { throw Problem.conflict("import.over") }
            func text(_ key: String) -> String { TrackerPages.text(key, call.language, ["name": run.name]) }
            var confirmation = Confirmation(
                title: text("tracker.import-stop-ask"), button: "tracker.import-stop",
                lines: [text("tracker.import-stop-about")], action: "/import/\(run.id)/stop", back: "/import")
            confirmation.facts = [
                (label: text("tracker.import-created"), value: call.format.count(run.created)),
                (label: text("tracker.import-repeated"), value: call.format.count(run.repeated)),
                (label: text("tracker.import-rejected"), value: call.format.count(run.rejected)),
            ]
            return .asking(confirmation)
        }
    }

    private var stop: Endpoint {
        .form("/import/{import}/stop", "Stop an import", access: ImportAPI.access) { call, transaction in
            let id = try call.id("import")
            try EndImport.stop(id, by: call.person().id, call.environment, in: transaction)
            guard let run = try ImportRuns.one(id, in: transaction) else { throw Problem.notFound }
            return .redirect(to: "/import").saying(
                "tracker.notice.import-stopped", ["name": run.name, "created": call.format.count(run.created)])
        }
    }

    private var rejects: Endpoint {
        .page(
            "/import/{import}/rejects", "The lines that broke a rule, as a file", access: ImportAPI.access,
            run: ImportAPI.rejectsFile)
    }

    private static func page(_ call: Call, in transaction: any Transaction) throws -> Answer {
        let part = try call.page(20, by: \.position) { try ImportRuns.list(before: $0, limit: $1, in: transaction) }
        let nobody = try Eligible.count(in: transaction) == 0
        let model: [String: Model] = [
            "running": .list(part.rows.filter { !$0.state.isOver }.reversed().map { $0.model(call, nobody: nobody) }),
            "past": .list(part.rows.filter(\.state.isOver).map { $0.model(call, nobody: false) }),
            "hasPast": .flag(part.rows.contains(where: \.state.isOver)),
            "next": .text(part.next.map { "/import?cursor=\($0)" } ?? ""),
            "limit": .text(String(StartImport.largest / 1024 / 1024)),
        ]
        return .page("tracker/import", title: "tracker.import", .object(model))
    }
}

extension ImportRun {
    func model(_ call: Call, nobody: Bool) -> Model {
        // Looking up people counts as the first tenth of the progress.
        let part = size == 0 ? 100 : place.offset * 100 / size
        let percent = state == .people ? part / 10 : 10 + part * 9 / 10
        return [
            "id": .text(id.description),
            "name": .text(name),
            "people": .flag(state == .people),
            "waiting": .flag(state == .tasks && nobody),
            "by": .text(TaskRecord.shown(startedByName, startedBy)),
            "at": .moment(startedAt),
            "ended": .time(endedAt),
            "stopped": .flag(state == .stopped),
            "stoppedBy": .text(endedByName ?? ""),
            "failed": .flag(state == .failed),
            "trouble": .text(trouble ?? ""),
            "lines": .text(call.format.count(lines)),
            "created": .text(call.format.count(created)),
            "repeated": .text(call.format.count(repeated)),
            "rejected": .text(call.format.count(rejected)),
            "hasRejects": .flag(rejected > 0),
            "percent": .text(String(min(100, percent))),
        ]
    }
}
