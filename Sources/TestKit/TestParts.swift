import Messaging
import ServiceKit
import Values
import Web

extension ServiceParts {
    /// What a process would hand to a service, in memory: its settings are the defaults, or `settings`.
    package static func test(
        _ clock: SteppedClock, settings: [String: String] = [:], log: any EventLog = MemoryEventLog(),
        asker: any Asker = AnsweringAsker(), outside: Outside = Outside()
    ) -> ServiceParts {
        ServiceParts(
            company: .test(), environment: clock.environment, secret: TestExchange.secret,
            settings: SettingValues(settings), log: log, asker: asker, outside: outside, missing: { _, _, _ in })
    }
}
