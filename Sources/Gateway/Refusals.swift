import Logging
import Storage
import Values
import Web

/// The gateway's own answers, in the words and look of the services.
struct Refusals: Sendable {
    let pages: PageRenderer
    /// The prefix of our cookies' names.
    let cookiePrefix: String
    private let runner: EndpointRunner

    init(_ pages: PageRenderer, _ company: Company, _ environment: Environment, _ log: Logger) {
        self.pages = pages
        // Such a page has no form of ours, so nothing is ever checked against these bytes.
        let context = EndpointRunner.Context(
            environment: environment, company: company, pages: pages, secret: environment.randomBytes(32), log: log)
        cookiePrefix = context.cookiePrefix
        runner = EndpointRunner(service: "gateway", endpoints: [], database: Nowhere(), context: context)
    }

    func response(_ problem: Problem, _ visit: InboundRequest) -> WebResponse {
        runner.refusal(visit.web, problem)
    }

    /// The answer to a refused request, in the form in which its endpoint would give it.
    func response(_ problem: Problem, of endpoint: Endpoint, _ visit: InboundRequest) -> WebResponse {
        runner.refusal(visit.web, endpoint, problem)
    }

    /// What a failure of the carrier means to the caller.
    func problem(_ failure: ProxyClient.Failure, _ part: String, _ visit: InboundRequest) -> Problem {
        let language = language(of: visit)
        let values = ["part": pages.part(part, language)]
        return switch failure {
        case .away: pages.away(part, language)
        case .slow: Problem(504, "gateway.slow", values: values)
        case .lost: Problem(502, "gateway.lost", values: values)
        case .caller(let problem): problem
        }
    }

    func language(of visit: InboundRequest) -> Language {
        Preferences.language(
            cookie: visit.web.headers.cookie(named: Preferences.languageCookie),
            acceptLanguage: visit.web.headers.acceptLanguage)
    }

    /// The line that replaces a part that is not available.
    func missingPart(_ visit: InboundRequest) -> [UInt8] {
        let text = pages.text("web.part-away", values: [:], language: language(of: visit))
        return Array("<p class=\"notice warn\">\(text)</p>".utf8)
    }
}

/// A database for code that has none.
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
