import ArgumentParser

struct ContractsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contracts",
        abstract: "Write the contracts: a JSON Schema for each event version, AsyncAPI and OpenAPI documents.",
        discussion: """
            The files come from the program's own types and declarations. A schema that is there already is an accepted \
            one: a change that would break a consumer of it is refused, with the field and what to do. With --check \
            nothing is written: exit code 1 where files are stale or something would break.
            """)

    @Flag(name: .long, help: "Only say what differs and what would break.")
    var check = false

    @Option(name: .long, help: "The folder.")
    var folder = "contracts"

    @Option(name: .long, help: "Compare with the accepted schemas in this folder too, such as those last landed.")
    var against: String?

    func run() async throws {
        try await Verb.run {
            let contracts = try ContractFiles()
            let breaks = try ([folder] + (against.map { [$0] } ?? [])).flatMap { try contracts.breaks(with: $0) }
            guard breaks.isEmpty else { throw Failure(.refused, breaks.joined(separator: "\n")) }
            if check {
                let stale = contracts.files.stale(in: folder)
                guard stale.isEmpty else {
                    throw Failure(
                        .refused, "\(stale.joined(separator: ", ")) differ from the types: run make contracts")
                }
                Terminal.say("\(contracts.files.count) contracts are what the types say.")
            } else {
                let written = try contracts.files.write(to: folder)
                for path in written { Terminal.say("\(folder)/\(path)") }
                Terminal.say("\(written.count) written, \(contracts.files.count - written.count) unchanged.")
            }
        }
    }
}
