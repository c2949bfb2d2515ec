import Messaging
import ServiceKit
import Values
import Web

extension ServiceParts {
    /// What a process would give to a service, in memory; the settings are the defaults, or `settings`.
    package static func test(
        _ clock: SteppedClock, company: Company = .test(), secret: [UInt8] = TestExchange.secret,
        settings: [String: String] = [:], log: any EventLog = MemoryEventLog(),
        missing: @escaping MissingEvents = { _, _, _ in }
    ) -> ServiceParts {
        ServiceParts(
            company: company, environment: clock.environment, secret: secret, settings: SettingValues(settings),
            log: log, asker: AnsweringAsker(), outbound: Outbound(), missing: missing)
    }
}

extension WebRequest {
    /// A program's request on behalf of a person; a new `Idempotency-Key` if none is given.
    package static func test(
        _ method: String, _ target: String, json: String?, as person: ID?, key: String?, _ clock: SteppedClock
    ) -> WebRequest {
        var request = WebRequest(method, target)
        if let person { request.credential = .local(person) }
        if method != "GET" { request.headers.idempotencyKey = key ?? clock.environment.newID().description }
        if let json {
            request.headers.contentType = "application/json"
            request.body = Array(json.utf8)
        }
        return request
    }
}
