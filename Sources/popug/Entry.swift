import ArgumentParser
import Composition
import Simulation

@main
enum Entry {
    static func main() {
        Program.run(Root.self)
    }
}

/// The command line of `Composition`, with the verbs of the modules above it.
struct Root: AsyncParsableCommand {
    static let configuration = {
        var configuration = Popug.configuration
        configuration.subcommands.append(SimulateVerb.self)
        return configuration
    }()
}
