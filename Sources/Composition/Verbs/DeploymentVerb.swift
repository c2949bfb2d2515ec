import ArgumentParser

struct DeploymentVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployment",
        abstract: "Write what deploy/ says of services and routes, from the list of services.",
        discussion: """
            For whoever works on popug: `make contracts` calls it. It writes nginx/routes.conf, nginx/upstreams.conf and \
            the marked parts of compose.yaml.
            """, shouldDisplay: false,
        subcommands: [Files.self, Processes.self], defaultSubcommand: Files.self)

    struct Files: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write them.")
        @Flag(name: .long, help: "Only say what differs.") var check = false
        @Option(name: .long, help: "The folder.") var folder = "deploy"

        func run() async throws {
            try await Verb.run {
                let files = try DeploymentFiles(in: folder).files
                guard check else {
                    for path in try files.write(to: folder) { Terminal.say("\(folder)/\(path)") }
                    return
                }
                let stale = files.stale(in: folder)
                guard stale.isEmpty else {
                    throw Failure(
                        .refused,
                        "\(stale.joined(separator: ", ")) are not what the services declare: run make contracts")
                }
                Terminal.say("\(files.count) files of \(folder) are what the services declare.")
            }
        }
    }

    struct Processes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the services' processes: a name and a service each, for scripts.")

        func run() async throws {
            try await Verb.run {
                for process in Services.processes { Terminal.say("\(process.name) \(process.service)") }
            }
        }
    }
}
