import ArgumentParser
import Composition
import Simulation

@main
enum PopugDevMain {
    static func main() {
        Program.run(Workshop.self)
    }
}

/// What only people who work on Popug need: the simulator, and the folders of the upgrade tests. It is a program of its
/// own, so that the one that serves a company holds neither.
struct Workshop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "popug-dev", abstract: "Tools for people who work on Popug.", version: Version.text,
        subcommands: [SimulateVerb.self, SampleVerb.self])
}
