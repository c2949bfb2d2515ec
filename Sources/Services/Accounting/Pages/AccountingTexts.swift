import Values
import Web

/// The templates and texts of Accounting's pages.
enum AccountingTexts {
    static let pages = PageSet(
        templates: [
            "accounting/account": PackageResources.account_mustache,
            "accounting/accounts": PackageResources.accounts_mustache,
            "accounting/close": PackageResources.close_mustache,
            "accounting/corrections": PackageResources.corrections_mustache,
            "accounting/cost": PackageResources.cost_mustache,
            "accounting/money": PackageResources.money_mustache,
            "accounting/price": PackageResources.price_mustache,
            "accounting/reward": PackageResources.reward_mustache,
            "accounting/statement": PackageResources.statement_mustache,
            "accounting/today": PackageResources.today_mustache,
        ],
        english: PackageResources.en_json, russian: PackageResources.ru_json)

    static func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        pages.text(key, language, values)
    }
}
