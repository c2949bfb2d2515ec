import ArgumentParser

/// The command line: only its arguments. What the verbs do stands in `Verbs`.
package struct Popug: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "popug",
        abstract: "A task exchange: deals a company's work out at random, and accounts for every cent.",
        discussion: """
            Begin with `popug init`, then `popug serve`. Every other verb works on the same folder, whether the server \
            is running or stopped.

            Exit codes: 0 done; 1 refused, or something was found wrong; 2 the command line was not understood; \
            3 the configuration is missing or wrong; 4 the folder, disk or port cannot be used, or a result cannot be \
            written; 141 nobody reads it any more.
            """,
        version: Version.text,
        subcommands: [
            InitVerb.self, MigrateVerb.self, ServeVerb.self, GatewayVerb.self, ImportVerb.self, PersonVerb.self,
            CloseVerb.self,
            VerifyVerb.self,
            RebuildVerb.self, EventsVerb.self, AuditVerb.self, MailVerb.self, ParkedVerb.self, BackupVerb.self,
            RestoreVerb.self,
            ContractsVerb.self, DeploymentVerb.self, DoctorVerb.self, ConfigVerb.self,
            VersionVerb.self,
        ])

    package init() {}
}
