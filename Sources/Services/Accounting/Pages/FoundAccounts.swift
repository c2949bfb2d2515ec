import Values
import Web

/// Accounts and days in the search over everything.
struct FoundAccounts {
    private static let path = "/accounting/fragments/search"
    static let paths = [path, path + "/accounts"]
    private static let most = 8

    var endpoints: [Endpoint] { [days, accounts] }

    /// If a day was typed, a link to the entries of that day.
    private var days: Endpoint {
        .fragment(Self.path, "The day that a search names", access: .staff) { call, _ in
            let text = SearchPage.words(call)
            guard let day = call.format.day(typed: text, today: call.company.calendar.day(of: call.now)) else {
                return .found("accounting.account", [])
            }
            return .found("accounting.account", [Found(call.format.day(day), path: "/account?day=\(day)")])
        }
    }

    private var accounts: Endpoint {
        .fragment(Self.path + "/accounts", "The accounts that a search finds", access: Rights.money) {
            call, transaction in
            let words = SearchPage.words(call)
            let lines =
                words.isEmpty
                ? [] : try AccountLine.list(search: words, after: nil, limit: Self.most + 1, in: transaction)
            return .found(
                "accounting.accounts",
                lines.prefix(Self.most).map {
                    Found(
                        $0.name, path: "/accounts/\($0.person)",
                        note: "\(call.format.money($0.balance)) \(call.company.currency)")
                },
                more: lines.count > Self.most ? "/accounts?name=\(PercentCoding.encode(words))" : nil)
        }
    }
}
