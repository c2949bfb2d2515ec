import ArgumentParser

/// Options of verbs that a server elsewhere can answer too.
struct PlaceOptions: ParsableArguments {
    @OptionGroup var folder: FolderOptions
    @Option(help: "A server or gateway to talk to instead, such as https://popug.example.com.")
    var server: String?
    @Option(help: "A file with a token for --server; - for standard input.")
    var tokenFile: String?

    func validate() throws {
        if server != nil, folder.data != nil { throw ValidationError("Give --data or --server, not both.") }
        if server == nil, tokenFile != nil { throw ValidationError("--token-file goes with --server.") }
    }
}
