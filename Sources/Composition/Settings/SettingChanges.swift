import Hosting
import Identity
import ServiceKit
import Values

extension Exchange {
    /// Has each service of this process compare its settings with those of its last start, and publish what has changed.
    /// The installation's own settings are Identity's part, so that a change of one is told once. For servers: verbs
    /// on a folder start the services too, and may be run with other settings.
    @available(*, noasync)
    package func compareSettings(with values: SettingValues) throws {
        for host in hosts {
            guard let module = Services.all.first(where: { $0.name == host.service.name }) else { continue }
            let shared = module.name == IdentityService.name ? Settings.house.ofInstallation : []
            let settings = (shared + module.settings.declared).flatMap { $0.inEffect(in: values) }.map {
                setting in
                // An address may hold a password.
                let text = setting.line.isSecret ? setting.text : Settings.shown(setting.line, setting.text)
                return SettingInEffect(line: setting.line, text: text)
            }
            try LastSettings(journal: host.service.journal, installation: company.installation).compare(
                settings, in: host.database, environment)
        }
    }
}
