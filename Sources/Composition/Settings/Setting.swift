/// One thing that can be configured: its name on the command line (`--listen`), in the environment (`POPUG_LISTEN`)
/// and in the folder's `popug.json` (`"listen"`), what it is without any of them, and what it is for.
package struct Setting: Sendable {
    package let name: String
    package let standard: String?
    package let about: String

    package static let all: [Setting] = [
        Setting(name: "company", standard: "Popug Inc.", about: "The company's name, as pages show it"),
        Setting(name: "currency", standard: "EUR", about: "ISO 4217 code of the one currency; a label for all sums"),
        Setting(name: "time-zone", standard: "UTC", about: "IANA time zone of the business day, such as Europe/Berlin"),
        Setting(
            name: "closing-hour", standard: "0", about: "Hour at which a business day ends, 0 to 23; 0 is midnight"),
        Setting(
            name: "public-address", standard: "http://localhost:8080",
            about: "Where people reach the pages: used in links and cookies; https turns on Secure cookies and HSTS"),
        Setting(
            name: "listen", standard: "127.0.0.1:8080", about: "Address and port to listen on; port 0 takes a free one"),
        Setting(
            name: "trusted-proxies", standard: "",
            about: "What stands before serve or gateway, 127.0.0.1,10.0.0.0/8: its X-Forwarded-For is believed"),
        Setting(
            name: "metrics-token", standard: nil,
            about: "Who shows it as a bearer token may read /metrics from anywhere"),
        Setting(name: "metrics-token-file", standard: nil, about: "A file that holds the metrics token"),
        Setting(name: "fee", standard: "10-20", about: "Range of fees, whole units, both ends included"),
        Setting(name: "reward", standard: "20-40", about: "Range of rewards, whole units, both ends included"),
        Setting(
            name: "secret", standard: nil,
            about: "The installation's secret, 64 hexadecimal digits; made by init into the file `secret`"),
        Setting(
            name: "secret-file", standard: nil, about: "A file that holds the secret; `secret` in the folder by default"
        ),
        Setting(
            name: "provider", standard: "built-in",
            about: "Who pays people: built-in (records what it would pay) or http (docs/payouts.md)"),
        Setting(
            name: "provider-address", standard: nil, about: "Where the http provider is, https://pay.example.com/v1"),
        Setting(
            name: "provider-secret", standard: nil, about: "What requests to and from the http provider are signed with"
        ),
        Setting(name: "provider-secret-file", standard: nil, about: "A file that holds the provider's secret"),
        Setting(
            name: "destination-key", standard: nil,
            about: "What cards and accounts are encrypted under, 64 hexadecimal digits; the secret where it is not set"),
        Setting(name: "destination-key-file", standard: nil, about: "A file that holds the destination key"),
        Setting(name: "installation", standard: nil, about: "The installation's id; made by init, never changed"),
        Setting(
            name: "backup-at", standard: "",
            about: "Hour of the company's day, 0 to 23, at which a backup is made into `backups`; empty for never"),
        Setting(name: "backup-keep", standard: "7", about: "How many backups `backups` keeps, 1 to 1000"),
        Setting(
            name: "mail-server", standard: "",
            about: "Where letters are handed over: smtp://host:587 or smtps://host:465; empty keeps them here"),
        Setting(name: "mail-from", standard: "", about: "Whom letters come from, such as Popug <popug@example.com>"),
        Setting(name: "mail-user", standard: "", about: "The mail server's user name; empty signs in nowhere"),
        Setting(name: "mail-password", standard: nil, about: "The mail server's password"),
        Setting(name: "mail-password-file", standard: nil, about: "A file that holds the mail server's password"),
        Setting(
            name: "mail-tls", standard: "required",
            about: "For smtp://: required, offered (STARTTLS where the server has it) or off"),
        Setting(
            name: "mail-certificates", standard: "",
            about: "A file of certificates (PEM) to trust instead of the system's, for a server with one of its own"),
        Setting(name: "mail-language", standard: "en", about: "The language of letters: en or ru"),
        Setting(
            name: "mail-keep-days", standard: "90",
            about: "After how many days what a letter said is dropped; that there was one is kept"),
        Setting(
            name: "payout-limit", standard: "1000.00",
            about: "A payout above it waits until an accountant or admin releases it; 0 is no limit"),
        Setting(
            name: "older-events", standard: "",
            about: "Older event versions to publish too, for programs that still read them, such as task-created.1"),
        Setting(
            name: "event-codes", standard: "required",
            about: "optional, while processes of a version before 0.5.0 run beside: events without a code are taken too"
        ),
        Setting(
            name: "database", standard: "",
            about:
                "PostgreSQL, a database a service: postgres://popug@db/popug_{service}; empty keeps all in the folder"
        ),
        Setting(
            name: "read-from", standard: "", about: "A replica that pages are read from, written like database"),
        Setting(
            name: "log", standard: "",
            about: "The broker, with database: amqps://user:password@host:5671, several separated by commas"),
        Setting(
            name: "log-authorities", standard: "",
            about: "A PEM file of the authorities that vouch for a broker on amqps; the system's where it is not set"),
        Setting(
            name: "services", standard: "",
            about: "The services that this process runs, separated by commas, with database; empty for all"),
        Setting(name: "identity-address", standard: nil, about: "Gone: see upstreams"),
        Setting(
            name: "upstreams", standard: nil,
            about: "Where the services are, for the gateway and for services that ask others: "
                + "identity=http://10.0.0.1:8080;tracker=http://10.0.0.2:8080"),
        Setting(
            name: "gateway-key", standard: nil,
            about: "What gateway and services know each other by, 64 hexadecimal digits; from the secret where not set"),
        Setting(name: "gateway-key-file", standard: nil, about: "A file that holds the gateway's key"),
        Setting(name: "gateway-proxies", standard: nil, about: "The old name of trusted-proxies"),
        Setting(
            name: "gateway-person-rate", standard: "30/120",
            about: "Requests of one person: a second, and at once; 0 is no limit"
        ),
        Setting(
            name: "gateway-address-rate", standard: "100/400",
            about: "Requests from one address: a second, and at once; 0 is no limit"),
        Setting(name: "gateway-connect-time", standard: "1", about: "Seconds until a connection to a process stands"),
        Setting(name: "gateway-answer-time", standard: "30", about: "Seconds until the first byte of an answer"),
        Setting(name: "gateway-idle-time", standard: "60", about: "Seconds between two pieces of an answer"),
        Setting(name: "gateway-whole-time", standard: "300", about: "Seconds for a whole answer"),
        Setting(name: "log-level", standard: "notice", about: "trace, debug, info, notice, warning, error or critical"),
    ]

    /// Settings that are shown as dots. Addresses are shown without their passwords (``shown(_:_:)``).
    package static let masked: Set<String> = [
        "secret", "mail-password", "provider-secret", "destination-key", "gateway-key", "metrics-token",
    ]
}
