import ArgumentParser
import Foundation

/// For the program's own tests (docs/operating.md says when).
struct SampleVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Make this version's sample folder for the upgrade tests.",
        shouldDisplay: false)

    @Argument(help: "The folder of all samples; a folder named after the version is made in it.") var place: String

    func run() async throws {
        try await Verb.run {
            let folder = place + "/" + Version.text
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await Sample.make(in: folder)
            Terminal.say("\(folder)/\(Sample.backupName)")
        }
    }
}
