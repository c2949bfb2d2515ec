import Foundation
import Gateway
import HTTPDriver
import Logging
import ServiceKit
import Values
import Web

/// What can be configured of an installation as a whole; what is a service's own, the service declares.
package struct HouseSettings: SettingGroup {
    // MARK: The company

    let company = Setting(
        "company", standard: "Popug Inc.", "The company's name, as pages show it",
        mustBe: "a name of 1 to \(PersonName.longest) characters, all of which are seen"
    ) { try? PersonName.checked($0) }

    let currency = Setting(
        "currency", standard: "EUR", "ISO 4217 code of the one currency; a label for all sums",
        mustBe: "three capital letters, such as EUR"
    ) { text in
        text.utf8.count == 3 && text.utf8.allSatisfy { (0x41...0x5A).contains($0) } ? text : nil
    }

    let zone = Setting(
        "time-zone", standard: "UTC", "IANA time zone of the business day, such as Europe/Berlin",
        mustBe: "an IANA zone such as Europe/Berlin"
    ) { BusinessCalendar(zone: $0, closingHour: 0) == nil ? nil : $0 }

    let closingHour = Setting.whole(
        "closing-hour", standard: 0, 0...23, "Hour at which a business day ends, 0 to 23; 0 is midnight",
        mustBe: "an hour from 0 to 23")

    /// Without a slash at its end.
    let publicAddress = Setting<String>(
        "public-address", standard: "http://localhost:8080",
        "Where people reach the pages: used in links and cookies; https turns on Secure cookies and HSTS",
        mustBe: "like https://popug.example.com"
    ) { text in
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
        else { return nil }
        return text.utf8.last == UInt8(ascii: "/") ? String(text.dropLast()) : text
    }

    let installation = Setting<ID>(
        "installation", standard: nil, "The installation's id; made by init, never changed"
    ) { text in
        guard let id = ID(text) else {
            throw SettingError("installation is not an id; restore popug.json from a backup")
        }
        return id
    }

    let secret = SecretSetting(
        "secret",
        "The installation's secret, 64 hexadecimal digits; made by init into the file `secret`, which is "
            + "read if neither this nor secret-file is set"
    ) { try secretBytes($0, from: $1) }

    static func secretBytes(_ text: String, from source: String) throws -> [UInt8] {
        guard let bytes = Hexadecimal.bytes(text), bytes.count == 32 else {
            throw SettingError("the secret from \(source) must be 64 hexadecimal digits")
        }
        return bytes
    }

    // MARK: The server

    /// `127.0.0.1:8080`, `[::1]:8080`, `popug.internal:8080`.
    let listen = Setting(
        "listen", standard: "127.0.0.1:8080", "Address and port to listen on; port 0 takes a free one",
        mustBe: "like 127.0.0.1:8080 or [::1]:8080", ListenAddress.init)

    let trustedProxies = proxies(
        "trusted-proxies", "What stands before serve or gateway, 127.0.0.1,10.0.0.0/8: its X-Forwarded-For is believed")

    let metricsToken = SecretSetting(
        "metrics-token", "Who shows it as a bearer token may read /metrics from anywhere"
    ) { text, _ in
        guard let token = MetricsToken(text) else {
            throw SettingError("the metrics token must have 16 to 1000 characters, and no spaces")
        }
        return token
    }

    let backupAt = Setting.optional(
        "backup-at", "Hour of the company's day, 0 to 23, at which a backup is made into `backups`; empty for never"
    ) { text in
        guard let hour = SettingText.whole(text, 0...23) else {
            throw SettingError("backup-at must be an hour from 0 to 23, or empty")
        }
        return hour
    }

    let backupKeep = Setting.whole(
        "backup-keep", standard: 7, 1...1000, "How many backups `backups` keeps, 1 to 1000",
        mustBe: "a number from 1 to 1000")

    /// Whether an event that has no code is taken for one: see `EventCodes`.
    let eventCodes = Setting(
        "event-codes", standard: "required",
        "optional, while processes of a version before 0.5.0 run beside: events without a code are taken too",
        mustBe: "required or optional"
    ) { ["required": false, "optional": true][$0] }

    let logLevel = Setting(
        "log-level", standard: "notice", "trace, debug, info, notice, warning, error or critical",
        mustBe: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
    ) { Logger.Level(rawValue: $0) }

    let demonstration = Setting(
        "demonstration", standard: "off", "on: the server says at its start how to sign in; set by init --demo",
        mustBe: "on or off"
    ) { ["on": true, "off": false][$0] }

    // MARK: Many processes

    let database = template(
        "database",
        "PostgreSQL, a database a service: postgres://popug@db/popug_{service}; empty keeps all in the folder")
    let readFrom = template("read-from", "A replica that pages are read from, written like database")
    let log = names(
        "log", "The broker, with database: amqps://user:password@host:5671, several separated by commas")
    let logAuthorities = Setting.text(
        "log-authorities",
        "A PEM file of the authorities that vouch for a broker on amqps; the system's if it is not set")
    let services = Setting(
        "services", standard: "",
        "The services that this process runs, separated by commas, with database; empty for all"
    ) { text in
        let given = SettingText.list(text)
        if let unknown = given.first(where: { !Services.names.contains($0) }) {
            throw SettingError(
                "services: there is no \(unknown); there are \(Services.names.joined(separator: ", "))")
        }
        return given
    }
    let identityAddress = Setting.text("identity-address", standard: nil, "Gone: see upstreams")

    let upstreams = Setting<[String: [String]]?>.optional(
        "upstreams", standard: nil,
        "Where the services are, for the gateway and for services that ask others: "
            + "identity=http://10.0.0.1:8080;tracker=http://10.0.0.2:8080"
    ) { text in try ServiceAddresses.read(text) }

    // MARK: The gateway

    let gatewayKey = SecretSetting(
        "gateway-key",
        "What gateway and services know each other by, 64 hexadecimal digits; from the secret if it is not set"
    ) { text, _ in
        guard let key = GatewayKey(text) else {
            throw SettingError("the gateway's key must be 64 hexadecimal digits")
        }
        return key
    }

    let gatewayProxies = proxies("gateway-proxies", "The old name of trusted-proxies")
    let personRate = rate(
        "gateway-person-rate", standard: "30/120", "Requests of one person: a second, and at once; 0 is no limit")
    let addressRate = rate(
        "gateway-address-rate", standard: "100/400", "Requests from one address: a second, and at once; 0 is no limit")
    let connectTime = seconds("gateway-connect-time", 1, "Seconds until a connection to a process stands")
    let answerTime = seconds("gateway-answer-time", 30, "Seconds until the first byte of an answer")
    let idleTime = seconds("gateway-idle-time", 60, "Seconds between two pieces of an answer")
    let wholeTime = seconds("gateway-whole-time", 300, "Seconds for a whole answer")

    // MARK: Of all processes

    /// What one process may have set otherwise than the next, or what the gateway has, which is not a service.
    private static let ofProcess: Set = [
        "secret", "listen", "log-level", "read-from", "services", "identity-address", "upstreams", "gateway-proxies",
        "gateway-person-rate", "gateway-address-rate", "gateway-connect-time", "gateway-answer-time",
        "gateway-idle-time", "gateway-whole-time",
    ]

    /// The settings of the installation, whose changes are published. The secret is not among them: with another one, no
    /// service starts.
    var ofInstallation: [any SettingDeclaration] {
        declared.filter { setting in !setting.lines.contains { HouseSettings.ofProcess.contains($0.name) } }
    }

    // MARK: Forms

    private static func proxies(_ name: String, _ about: String) -> Setting<AddressSet> {
        Setting(
            name, standard: "", about, mustBe: "addresses, such as 127.0.0.1,10.0.0.0/8,2001:db8::/32"
        ) { AddressSet($0) }
    }

    private static func names(_ name: String, _ about: String) -> Setting<[String]> {
        Setting(name, standard: "", about) { SettingText.list($0) }
    }

    private static func template(_ name: String, _ about: String) -> Setting<String?> {
        .optional(name, about) { text in
            guard text.contains("{service}") else {
                throw SettingError(
                    "\(name) must have {service} in it, for each service has a database of its own: "
                        + "postgres://popug@db.example.com/popug_{service}")
            }
            return text
        }
    }

    /// `30/120`: 30 a second, 120 at once; 0 is no limit.
    private static func rate(_ name: String, standard: String, _ about: String) -> Setting<Rate> {
        Setting(
            name, standard: standard, about, mustBe: "like 30/120 (a second, at once), or 0 for no limit"
        ) { text in
            let parts = text.parts(at: "/").map { Double($0) ?? -1 }
            if parts == [0] { return .init(perSecond: 0, burst: 1) }
            guard parts.count == 2, parts[0] > 0, parts[1] >= 1, parts[0] <= 1e6, parts[1] <= 1e6 else { return nil }
            return .init(perSecond: parts[0], burst: parts[1])
        }
    }

    /// Seconds, with decimals; the value is milliseconds.
    private static func seconds(_ name: String, _ standard: Int, _ about: String) -> Setting<Int64> {
        Setting(name, standard: String(standard), about, mustBe: "seconds, from 0.01 to 86400") { text in
            guard let seconds = Double(text), seconds >= 0.01, seconds <= 86_400 else { return nil }
            return Int64((seconds * 1000).rounded())
        }
    }
}
