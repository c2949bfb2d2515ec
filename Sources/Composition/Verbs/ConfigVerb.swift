import ArgumentParser

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
            for setting in Setting.all {
                let found = settings.find(setting.name)
                let value = found.map { Setting.shown(setting.name, $0.value) }
                rows.append([setting.name, value ?? "(not set)", found?.source ?? "-", setting.about])
            }
            Terminal.say("folder: \(settings.folder)")
            Terminal.table(rows)
        }
    }
}

struct VersionVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() async throws {
        Terminal.say("popug \(Version.text)")
    }
}
