import ArgumentParser
import ServiceKit

struct ConfigVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the effective configuration, and where each value comes from.",
        discussion: """
            A setting is looked for as a flag (--listen), an environment variable (POPUG_LISTEN), in the folder's \
            popug.json ("listen"), and then has its default. Secrets are masked.
            """)

    @OptionGroup var options: FolderOptions

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(options)
            var rows = [["SETTING", "VALUE", "FROM", "FOR"]]
            for line in Settings.lines {
                let found = settings.find(line.name)
                let value = found.map { Settings.shown(line, $0.value) }
                rows.append([line.name, value ?? "(not set)", found?.source ?? "-", line.about])
            }
            Terminal.say("folder: \(settings.folder)")
            Terminal.table(rows)
        }
    }
}
