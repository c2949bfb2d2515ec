import ArgumentParser
import Foundation

/// `popug-dev sample`: the folder that later versions prove their upgrade with (docs/operating.md says when).
package struct SampleVerb: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Make this version's sample folder for the upgrade tests.")

    @Argument(help: "The folder of all samples; a folder named after the version is made in it.") var place: String

    package init() {}

    package func run() async throws {
        try await Verb.run {
            let folder = place + "/" + Version.text
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await Sample.make(in: folder)
            Terminal.say("\(folder)/\(Sample.backupName)")
        }
    }
}
