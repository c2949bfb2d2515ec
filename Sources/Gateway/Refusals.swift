import Logging
import Storage
import Values
import Web

/// What the gateway says by itself, in the words and looks of the services.
struct Refusals: Sendable {
    let pages: PageRenderer
    /// What stands before the names of our cookies.
    let cookiePrefix: String
    private let runner: EndpointRunner

    init(_ pages: PageRenderer, _ company: Company, _ environment: Environment, _ log: Logger) {
        self.pages = pages
        // No form of ours can be filled in on such a page, so nothing is ever checked against these bytes.
        let setting = EndpointRunner.Setting(
            environment: environment, company: company, pages: pages, secret: environment.randomBytes(32), log: log)
        cookiePrefix = setting.cookiePrefix
        runner = EndpointRunner(service: "gateway", endpoints: [], database: Nowhere(), setting: setting)
    }

    func response(_ problem: Problem, _ visit: Visit) -> WebResponse {
        runner.refusal(visit.web, problem)
    }

    /// The answer to a request that an endpoint would refuse, as it would say it.
    func response(_ problem: Problem, of endpoint: Endpoint, _ visit: Visit) -> WebResponse {
        runner.refusal(visit.web, endpoint, problem)
    }

    /// What a failure of the carrier's is to the caller.
    func problem(_ failure: Carrier.Failure, _ part: String, _ visit: Visit) -> Problem {
        let language = language(of: visit)
        let values = ["part": pages.part(part, language)]
        return switch failure {
        case .away: pages.away(part, language)
        case .slow: Problem(504, "gateway.slow", values: values)
        case .lost: Problem(502, "gateway.lost", values: values)
        case .caller(let problem): problem
        }
    }

    func language(of visit: Visit) -> Language {
        Preferences.language(
            cookie: visit.web.headers.cookie(named: Preferences.languageCookie),
            acceptLanguage: visit.web.headers.acceptLanguage)
    }

    /// The line that stands in the place of a part that cannot be had.
    func missingPart(_ visit: Visit) -> [UInt8] {
        let text = pages.text("web.part-away", values: [:], language: language(of: visit))
        return Array("<p class=\"notice warn\">\(text)</p>".utf8)
    }
}

/// The database of whoever has none.
private struct Nowhere: Database {
    let name = "gateway"
    let dialect = Dialect.sqlite
    let commits = Signal()

    func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        done(.failure(StorageError.unavailable("the gateway keeps nothing")))
    }

    func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        done(.failure(StorageError.unavailable("the gateway keeps nothing")))
    }

    func close() {}
}
