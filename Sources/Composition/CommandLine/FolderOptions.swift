import ArgumentParser

/// The option of every verb: where the installation is.
package struct FolderOptions: ParsableArguments {
    @Option(name: .long, help: "The installation's folder; $POPUG_DATA where it is not given.")
    package var data: String?

    package init() {}
}
