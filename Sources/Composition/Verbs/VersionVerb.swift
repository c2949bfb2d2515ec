import ArgumentParser

struct VersionVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() async throws {
        Terminal.say("popug \(Version.text)")
    }
}
