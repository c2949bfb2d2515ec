import ArgumentParser
import Composition
import Simulation

/// The command line of `Composition`, and what stands above it.
@main
struct Entry: AsyncParsableCommand {
    static let configuration = {
        var configuration = Popug.configuration
        configuration.subcommands.append(SimulateVerb.self)
        return configuration
    }()
}
